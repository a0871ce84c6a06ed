import { randomBytes } from "node:crypto";
import { Router } from "express";
import { readyFile, sendFile } from "../embed/ready-files.js";
import type { Config } from "../config.js";
import { refuseOtherMethods } from "../http/methods.js";
import { hostnameOf } from "../http/own-hosts.js";
import { previewOriginFor } from "../input/console-places.js";
import type { ConsoleFiles } from "./console-files.js";
import { consoleHtml, consolePolicy } from "./console-page.js";
import { PREVIEW_HEADERS, previewHtml } from "./preview-page.js";

const FOREVER = "public, max-age=31536000, immutable";
const FOR_THIS_SITE = ["Cross-Origin-Resource-Policy", "same-origin"];

export interface ConsolePagesOptions {
  readonly files: ConsoleFiles;
  readonly config: Pick<Config, "consoleUrl" | "preview">;
}

/** The console's page and files. Mounted after the API's headers, of which the page replaces those that are its own. */
export function createConsolePages({
  files,
  config: { consoleUrl, preview },
}: ConsolePagesOptions): Router {
  const { pathname } = new URL(consoleUrl);
  const publicPath = pathname.replace(/\/$/, "");
  const router = Router();
  // The page stands at every address below it but these, which are the API's and the build's.
  router.use("/console/api", (_req, _res, next) => next("router"));

  for (const [name, file] of files.files) {
    const ready = readyFile(file, FOREVER, FOR_THIS_SITE);
    router.get(`/console/${name}`, (req, res) => sendFile(req, res, ready));
  }
  for (const [name, file] of files.preview.files) {
    const ready = readyFile(file, FOREVER);
    router.get(`/console/preview/${name}`, (req, res) => sendFile(req, res, ready));
  }
  router.get("/console/preview", (_req, res) => {
    res.setHeaders(new Map(Object.entries(PREVIEW_HEADERS)));
    // It cannot name who frames a page; the policy does.
    res.removeHeader("X-Frame-Options");
    res.type("html").send(previewHtml(files.preview.manifest, publicPath));
  });
  router.use(["/console/assets", "/console/preview"], (_req, _res, next) => next("router"));

  router.get("/console{/*page}", (req, res) => {
    const previewOrigin = previewOriginFor(preview, hostnameOf(req));
    const nonce = randomBytes(16).toString("base64");
    res.setHeader("Content-Security-Policy", consolePolicy(nonce, previewOrigin));
    res.setHeader("X-Frame-Options", "DENY");
    // A nonce is good for one answer.
    res.setHeader("Cache-Control", "no-store");
    res.type("html").send(consoleHtml(files.manifest, { publicPath, nonce, previewOrigin }));
  });
  return refuseOtherMethods(router);
}
