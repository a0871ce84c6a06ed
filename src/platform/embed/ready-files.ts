import type { Request, Response } from "express";
import { readyAnswer, setHeaders, type HotRoute, type ReadyAnswer } from "../http/hot-routes.js";
import type { EmbedFile, EmbedFiles, Encoding } from "./embed-files.js";

/** A file in every form that a browser may ask for, with its headers. */
type ReadyFile = Readonly<Record<Encoding, ReadyAnswer>>;

const ENCODINGS: readonly Encoding[] = ["br", "gzip", "identity"];
const LOADER_SECONDS = 300;
/** A path of the loader's alone: what stands for an id could be anything, but nothing that needs decoding is common. */
const PLAIN_ID = /^[\w-]+$/;

/** One file for every id and no database: the loader reads the id from its own address. */
export function readyLoader({ files, manifest }: EmbedFiles): ReadyFile | undefined {
  const file = files.get(manifest.loader.file);
  return file && readyFile(file, `public, max-age=${LOADER_SECONDS}`);
}

/** `GET /public/embed/{id}`, which every page view of every website asks for. */
export function hotLoader(loader: ReadyFile): HotRoute {
  return {
    prefix: "/public/embed/",
    answer: (req, id) =>
      PLAIN_ID.test(id) ? { ready: formFor(req, loader), headers: [] } : undefined,
  };
}

/** Any website may take the widget's files. */
const FOR_ANY_SITE = [
  "Cross-Origin-Resource-Policy",
  "cross-origin",
  "Access-Control-Allow-Origin",
  "*",
];

/** @param sharing the headers that say who may take it. */
export function readyFile(
  { type, bytes }: EmbedFile,
  cacheControl: string,
  sharing: readonly string[] = FOR_ANY_SITE,
): ReadyFile {
  const form = (encoding: Encoding): ReadyAnswer =>
    readyAnswer(type, bytes[encoding], [
      ...sharing,
      "X-Content-Type-Options",
      "nosniff",
      "Cache-Control",
      cacheControl,
      "Vary",
      "Accept-Encoding",
      ...(encoding === "identity" ? [] : ["Content-Encoding", encoding]),
    ]);
  return { br: form("br"), gzip: form("gzip"), identity: form("identity") };
}

export function sendFile(req: Request, res: Response, file: ReadyFile): void {
  const { headers, body } = formFor(req, file);
  setHeaders(res, headers);
  res.send(body);
}

/** What was understood of `Accept-Encoding`: browsers write it in a handful of ways. */
const understood = new Map<string, Encoding>();
const MAX_UNDERSTOOD = 100;

function formFor(req: Request, file: ReadyFile): ReadyAnswer {
  const header = req.headers["accept-encoding"];
  if (header === undefined) return file.identity;
  const known = understood.get(header);
  if (known) return file[known];
  // Of names that it was given it answers one, or false.
  const wanted = req.acceptsEncodings([...ENCODINGS]) as Encoding | false;
  // Strangers may think of any number.
  if (understood.size >= MAX_UNDERSTOOD) understood.clear();
  understood.set(header, wanted || "identity");
  return file[wanted || "identity"];
}
