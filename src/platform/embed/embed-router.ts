import { Router } from "express";
import { notFound } from "../errors.js";
import { entityTag } from "../http/entity-tag.js";
import { refuseOtherMethods } from "../http/methods.js";
import { isUuid } from "../input/uuid.js";
import { contextOf } from "../http/request-context.js";
import type { PublicWidgetService } from "../widgets/public-widget.service.js";
import type { EmbedFiles } from "./embed-files.js";
import { panelHeaders, panelHtml } from "./panel-page.js";
import { readyFile, readyLoader, sendFile } from "./ready-files.js";

const FOREVER = "public, max-age=31536000, immutable";

/** In place of a widget's id: the console shows a draft there (contract section 8). */
const DRAFT = "draft-preview";
/** Chromium gives no microphone to a page whose origin is nobody's. */
const DRAFT_KNOWLEDGE = { quickActions: [], vision: undefined, hasVoice: false, isDraft: true };

export interface EmbedRouterOptions {
  readonly embed: EmbedFiles;
  readonly gate: PublicWidgetService;
  readonly livekitUrl: string;
  readonly hasVoice: boolean;
  readonly publicUrl: string;
  readonly publicPath: string;
}

/** The widget's own files and page (contract section 8). Mounted before the API's headers, which would block them. */
export function createEmbedRouter({
  embed,
  gate,
  livekitUrl,
  hasVoice,
  publicUrl,
  publicPath,
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

  router.get(`/public/embed/${DRAFT}/panel`, (_req, res) => {
    const { origin, protocol } = new URL(publicUrl);
    const https = protocol === "https:";
    const headers = panelHeaders({ domains: [origin], livekitUrl, https, isSandboxed: true });
    for (const [name, value] of Object.entries(headers)) res.setHeader(name, value);
    res.send(panelHtml(embed.manifest, publicPath, DRAFT_KNOWLEDGE));
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
