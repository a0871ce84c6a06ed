import { createHash } from "node:crypto";
import { Router, type Request, type Response } from "express";
import { notFound } from "../errors.js";
import { refuseOtherMethods } from "../http/methods.js";
import { isUuid } from "../input/uuid.js";
import { contextOf } from "../http/request-context.js";
import type { PublicWidgetService } from "../widgets/public-widget.service.js";
import type { EmbedFile, EmbedFiles, Encoding } from "./embed-files.js";
import { panelHeaders, panelHtml } from "./panel-page.js";

const LOADER_SECONDS = 300;

export interface EmbedRouterOptions {
  readonly embed: EmbedFiles;
  readonly gate: PublicWidgetService;
  readonly livekitUrl: string;
  readonly publicUrl: string;
  readonly publicPath: string;
}

/** The widget's own files and page (contract section 8). Mounted before the API's headers, which would block them. */
export function createEmbedRouter({
  embed,
  gate,
  livekitUrl,
  publicUrl,
  publicPath,
}: EmbedRouterOptions): Router {
  const router = Router();
  const loader = embed.files.get(embed.manifest.loader.file);

  for (const [name, file] of embed.files) {
    if (!name.startsWith("assets/")) continue;
    router.get(`/public/embed/${name}`, (req, res) => {
      openToAll(res);
      res.setHeader("Cache-Control", "public, max-age=31536000, immutable");
      sendFile(req, res, file);
    });
  }

  // One file for every id and no database: the loader reads the id from its own address.
  router.get("/public/embed/:id", (req, res) => {
    if (!loader) throw notFound("Loader");
    openToAll(res);
    res.setHeader("Cache-Control", `public, max-age=${LOADER_SECONDS}`);
    sendFile(req, res, loader);
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
    const html = panelHtml(embed.manifest, publicPath, await gate.quickActions(widget));
    // The policy follows `domains`, so the tag covers it too: a 304 must not keep an old policy.
    res.setHeader("ETag", tag(`${headers["Content-Security-Policy"]}${html}`));
    res.send(html);
  });
  return refuseOtherMethods(router);
}

function openToAll(res: Response): void {
  res.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
  res.setHeader("Access-Control-Allow-Origin", "*");
  res.setHeader("X-Content-Type-Options", "nosniff");
}

function sendFile(req: Request, res: Response, file: EmbedFile): void {
  const encoding = (req.acceptsEncodings(["br", "gzip", "identity"]) || "identity") as Encoding;
  res.setHeader("Vary", "Accept-Encoding");
  res.setHeader("Content-Type", file.type);
  if (encoding !== "identity") res.setHeader("Content-Encoding", encoding);
  res.setHeader("ETag", tag(file.bytes[encoding]));
  res.send(file.bytes[encoding]);
}

function tag(content: string | Buffer): string {
  return `"${createHash("sha256").update(content).digest("base64url").slice(0, 22)}"`;
}
