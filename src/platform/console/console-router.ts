import { Router, type Request, type RequestHandler, type Response } from "express";
import type { Logger } from "pino";
import { z } from "zod";
import {
  CONSOLE_API,
  OIDC_PURPOSES,
  type OidcStartAnswer,
  type SignInAnswer,
} from "../../protocol/console-api.js";
import {
  consoleCookie,
  consoleCookieName,
  cookieSecretOf,
  isFromConsole,
  passkeyCookieName,
} from "../auth/console-cookie.js";
import type { NewSession, SessionService } from "../auth/sessions.service.js";
import { AppError } from "../errors.js";
import { restErrors } from "../http/error-handlers.js";
import { jsonBody } from "../http/json-body.js";
import { refuseOtherMethods } from "../http/methods.js";
import { contextOf } from "../http/request-context.js";
import type { PasskeyProofService } from "../people/passkey-proof.service.js";
import { readBody } from "./read-body.js";
import { pathInConsole } from "./return-address.js";
import { OIDC_SECONDS, type OidcService } from "../people/oidc.service.js";
import type { SignInService } from "../people/sign-in.service.js";
import type { ViewerService } from "../people/viewer.service.js";

const BODY = "16kb";

const text = z.string("Must be a text.").max(1_000, "Is too long.");
const signIn = z.object({ email: text, password: text });
const secondFactor = z.object({ code: text });
const passkeyOptions = z.object({ for: z.enum(["sign_in", "confirm"]) });
/** What an authenticator answers; whoever verifies it reads it. */
const assertion = z.looseObject({});
const passkey = z.object({ response: assertion });
const password = z.object({ password: text });
const confirm = z.union([z.object({ passkey: assertion }), password.partial()]);
const link = z.object({ token: text });
const startOidc = z.object({
  purpose: z.enum(OIDC_PURPOSES, "Is none of those that there are."),
  returnTo: text,
});
const useLink = link.extend({ password: text.optional(), name: text.optional() });

/** The console's own routes: signing in and out (contract section 2). All else it does by GraphQL. */
export function createConsoleRouter({
  signIns,
  passkeyProofs,
  sessions,
  viewers,
  oidc,
  config: { consoleUrl },
  log,
}: {
  signIns: SignInService;
  passkeyProofs: PasskeyProofService;
  viewers: ViewerService;
  oidc: OidcService;
  sessions: SessionService;
  config: { readonly consoleUrl: string };
  log: Logger;
}): Router {
  const cookieName = consoleCookieName(consoleUrl);
  const passkeyCookie = passkeyCookieName(consoleUrl);
  const endPresent = async (req: Request): Promise<void> => {
    const secret = cookieSecretOf(req.headers.cookie, cookieName);
    if (secret !== undefined) await sessions.end(secret);
  };
  /** The one that the browser had before is ended: two would be one too many to sign out of. */
  const signedIn = async (req: Request, res: Response, session: NewSession): Promise<void> => {
    await endPresent(req);
    const { secret, maxAgeSeconds, isPending } = session;
    res.setHeader("Set-Cookie", consoleCookie(consoleUrl, secret, maxAgeSeconds));
    const state = isPending ? "second_factor" : "signed_in";
    res.json({ state } satisfies SignInAnswer);
  };

  const router = Router();
  router.use(CONSOLE_API, fromConsoleAlone, jsonBody(BODY));
  router.get(`${CONSOLE_API}/options`, async (_req, res) => {
    res.json(await signIns.options());
  });
  router.post(`${CONSOLE_API}/sign-in`, async (req, res) => {
    const given = readBody(signIn, req.body);
    await signedIn(req, res, await signIns.byPassword(contextOf(req), given));
  });
  router.post(`${CONSOLE_API}/second-factor`, async (req, res) => {
    const given = readBody(secondFactor, req.body);
    const secret = cookieSecretOf(req.headers.cookie, cookieName);
    await signedIn(req, res, await signIns.bySecondFactor(contextOf(req), secret, given));
  });
  router.post(`${CONSOLE_API}/passkey/options`, async (req, res) => {
    const given = readBody(passkeyOptions, req.body);
    if (given.for === "confirm") {
      res.json(await passkeyProofs.startConfirmation(contextOf(req)));
      return;
    }
    const present = cookieSecretOf(req.headers.cookie, passkeyCookie);
    const asked = await passkeyProofs.startSignIn(contextOf(req), present);
    const { options, browserSecret, maxAgeSeconds } = asked;
    const cookie = consoleCookie(consoleUrl, browserSecret, maxAgeSeconds, passkeyCookie);
    res.setHeader("Set-Cookie", cookie);
    res.json(options);
  });
  router.post(`${CONSOLE_API}/passkey`, async (req, res) => {
    const { response } = readBody(passkey, req.body);
    const secret = cookieSecretOf(req.headers.cookie, passkeyCookie);
    await signedIn(req, res, await passkeyProofs.signIn(contextOf(req), secret, response));
  });
  router.post(`${CONSOLE_API}/link`, async (req, res) => {
    res.json(await signIns.look(contextOf(req), readBody(link, req.body)));
  });
  router.post(`${CONSOLE_API}/link/use`, async (req, res) => {
    const given = readBody(useLink, req.body);
    await signedIn(req, res, await signIns.useLink(contextOf(req), given));
  });
  router.post(`${CONSOLE_API}/confirm`, async (req, res) => {
    const given = readBody(confirm, req.body);
    if ("passkey" in given) await passkeyProofs.confirm(contextOf(req), given.passkey);
    else await viewers.confirm(contextOf(req), readBody(password, req.body));
    res.status(204).end();
  });
  router.post(`${CONSOLE_API}/oidc/start`, async (req, res) => {
    const { purpose, returnTo: wanted } = readBody(startOidc, req.body);
    const returnTo = pathInConsole(consoleUrl, wanted);
    const { url, secret } = await oidc.start(contextOf(req), { purpose, returnTo });
    res.setHeader(
      "Set-Cookie",
      consoleCookie(consoleUrl, secret, OIDC_SECONDS, consoleCookieName(consoleUrl, "oidc")),
    );
    res.json({ url } satisfies OidcStartAnswer);
  });
  router.post(`${CONSOLE_API}/oidc/disconnect`, async (req, res) => {
    await oidc.disconnect(contextOf(req));
    res.status(204).end();
  });
  router.post(`${CONSOLE_API}/sign-out`, async (req, res) => {
    // Cookies that nobody gave out are counted, as tokens are.
    if (await contextOf(req).session()) await endPresent(req);
    res.setHeader("Set-Cookie", consoleCookie(consoleUrl, undefined, 0));
    res.status(204).end();
  });
  refuseOtherMethods(router);
  router.use(CONSOLE_API, (_req, _res, next) => next(new AppError("not_found", "Not found.")));
  router.use(CONSOLE_API, restErrors(log, { challenge: false }));
  return router;
}

/** Also before anybody is signed in: a stranger's page signs nobody in as somebody else. */
const fromConsoleAlone: RequestHandler = (req, _res, next) => {
  if (isFromConsole(req)) return next();
  next(new AppError("forbidden", "This is for the console's own pages alone."));
};
