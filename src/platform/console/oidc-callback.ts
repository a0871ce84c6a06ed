import { Router, type RequestHandler } from "express";
import { OIDC_CALLBACK, OIDC_RESULT } from "../../protocol/console-api.js";
import { consoleCookie, consoleCookieName, cookieSecretOf } from "../auth/console-cookie.js";
import type { SessionService } from "../auth/sessions.service.js";
import { contextOf } from "../http/request-context.js";
import { allowOnly } from "../http/methods.js";
import { AppError } from "../errors.js";
import type { OidcOutcome, OidcService } from "../people/oidc.service.js";

/**
 * Where the provider sends a browser back to. What comes of it is said by a page of the console, for nobody reads JSON
 * there. The session counts here too, for it was begun by the console's own page: the cookie for the provider proves that.
 */
export function createOidcCallback({
  oidc,
  sessions,
  config: { consoleUrl },
}: {
  oidc: OidcService;
  sessions: SessionService;
  config: { readonly consoleUrl: string };
}): Router {
  const router = Router();
  router.get(OIDC_CALLBACK, fromNavigationAlone, async (req, res) => {
    const { cookie } = req.headers;
    const present = cookieSecretOf(cookie, consoleCookieName(consoleUrl));
    const secret = cookieSecretOf(cookie, consoleCookieName(consoleUrl, "oidc"));
    const [, query = ""] = req.url.split("?");
    const outcome = await oidc.finish(contextOf(req), {
      ...(secret === undefined ? {} : { secret }),
      query,
      session: async () => (present === undefined ? undefined : sessions.find(present, true)),
    });
    const { session, isUsed } = outcome;
    if (isUsed)
      res.append(
        "Set-Cookie",
        consoleCookie(consoleUrl, undefined, 0, consoleCookieName(consoleUrl, "oidc")),
      );
    if (session) {
      // A cookie that was there before, planted perhaps, never becomes anybody's session.
      if (present !== undefined) await sessions.end(present);
      const { secret: made, maxAgeSeconds } = session;
      res.append("Set-Cookie", consoleCookie(consoleUrl, made, maxAgeSeconds));
    }
    res.redirect(303, nextPage(consoleUrl, outcome));
  });
  router.all(OIDC_CALLBACK, allowOnly("GET", "HEAD"));
  return router;
}

/** A page that opens: no picture, frame or script of another site's goes on with a sign-in. */
const fromNavigationAlone: RequestHandler = (req, _res, next) => {
  if (req.method === "GET" && req.headers["sec-fetch-dest"] === "document") return next();
  next(new AppError("forbidden", "Browsers come here from the provider of sign-in alone."));
};

/** The page of the console that goes on. What it has to say stands in its query. */
function nextPage(consoleUrl: string, { purpose, result, session, returnTo }: OidcOutcome): string {
  const isOut = !session && (purpose === undefined || purpose === "sign_in");
  const asksMore = isOut || result === "second_factor";
  const page = new URL(`${consoleUrl}/console${asksMore ? "/sign-in" : returnTo}`);
  if (asksMore && returnTo !== "/") page.searchParams.set("return_to", returnTo);
  if (result !== undefined) page.searchParams.set(OIDC_RESULT, result);
  return page.href;
}
