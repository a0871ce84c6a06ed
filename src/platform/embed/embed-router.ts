import { Router, type Request } from "express";
import { notFound } from "../errors.js";
import { entityTag } from "../http/entity-tag.js";
import { refuseOtherMethods } from "../http/methods.js";
import { isUuid } from "../input/uuid.js";
import type { Config } from "../config.js";
import { hostnameOf } from "../http/own-hosts.js";
import { previewOriginFor } from "../input/console-places.js";
import { contextOf } from "../http/request-context.js";
import type { PublicWidgetService } from "../widgets/public-widget.service.js";
import type { EmbedFiles } from "./embed-files.js";
import { panelHeaders, panelHtml } from "./panel-page.js";
import { readyFile, readyLoader, sendFile } from "./ready-files.js";

const FOREVER = "public, max-age=31536000, immutable";

/** In place of a widget's id: the console shows a draft there (contract section 8). */
const DRAFT = "draft-preview";
/** In the words of `Permissions-Policy`. */
const MICROPHONE_ALONE = "microphone=(self), camera=(), display-capture=(), geolocation=()";
const NO_DEVICE = "microphone=(), camera=(), display-capture=(), geolocation=()";
export interface EmbedRouterOptions {
  readonly embed: EmbedFiles;
  readonly gate: PublicWidgetService;
  readonly livekitUrl: string;
  readonly hasVoice: boolean;
  readonly publicUrl: string;
  readonly publicPath: string;
  readonly config: Pick<Config, "consoleUrl" | "preview">;
}

/** The widget's own files and page (contract section 8). Mounted before the API's headers, which would block them. */
export function createEmbedRouter({
  embed,
  gate,
  livekitUrl,
  hasVoice,
  publicUrl,
  publicPath,
  config: { consoleUrl, preview },
}: EmbedRouterOptions): Router {
  const router = Router();
  const loader = readyLoader(embed);

  for (const [name, file] of embed.files) {
    if (!name.startsWith("assets/")) continue;
    const ready = readyFile(file, FOREVER);
    router.get(`/public/embed/${name}`, (req, res) => sendFile(req, res, ready));
  }

  router.get("/public/embed/:id", (req, res) => {
    if (!loader) throw notFound("Loader");
    sendFile(req, res, loader);
  });

  router.get(`/public/embed/${DRAFT}/panel`, (req, res) => {
    const console = consoleBehind(req, { consoleUrl, preview });
    const headers = panelHeaders({
      livekitUrl,
      https: publicUrl.startsWith("https:"),
      ...(console === undefined
        ? { domains: [new URL(consoleUrl).origin], isSandboxed: true, permissions: NO_DEVICE }
        : { domains: [], framedBy: console, permissions: MICROPHONE_ALONE }),
    });
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    const html = panelHtml(embed.manifest, publicPath, {
      quickActions: [],
      vision: undefined,
      // Chromium gives no microphone to a page whose origin is nobody's.
      hasVoice: hasVoice && console !== undefined,
      draftFrom: console ?? "",
    });
    res.setHeader("ETag", entityTag(`${headers["Content-Security-Policy"]}${html}`));
    res.send(html);
  });

  router.get("/public/embed/:id/panel", async (req, res) => {
    const widget = isUuid(req.params.id)
      ? await gate.readForPanel(contextOf(req), req.params.id.toLowerCase())
      : undefined;
    const headers = panelHeaders({
      domains: widget?.domains ?? [],
      livekitUrl,
      https: publicUrl.startsWith("https:"),
    });
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    if (!widget) {
      res
        .status(404)
        .send("<!doctype html><title>Not found</title><p>This chat is not available.</p>");
      return;
    }
    const html = panelHtml(embed.manifest, publicPath, {
      quickActions: await gate.quickActions(widget),
      vision: await gate.vision(widget),
      hasVoice,
    });
    // The policy follows `domains`, so the tag covers it too: a 304 must not keep an old policy.
    res.setHeader("ETag", entityTag(`${headers["Content-Security-Policy"]}${html}`));
    res.send(html);
  });
  return refuseOtherMethods(router);
}

/**
 * The origin of the console that may frame what is tried, where this request came to a host that is for that.
 *
 * @returns undefined where the page is to have no origin.
 */
function consoleBehind(
  req: Request,
  { consoleUrl, preview }: EmbedRouterOptions["config"],
): string | undefined {
  const asked = hostnameOf(req);
  if (preview?.kind === "one") {
    return asked === new URL(preview.origin).hostname ? new URL(consoleUrl).origin : undefined;
  }
  // At both names there may be a console: none frames its own origin so. Browsers say which it is on this machine always.
  if (req.headers["sec-fetch-site"] === "same-origin") return undefined;
  return previewOriginFor(preview, asked);
}
