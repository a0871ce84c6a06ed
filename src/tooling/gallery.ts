/** `npm run gallery`: every state of the panel on one page, built anew at each start. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGallery } from "./build-gallery.js";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
};

/** @param port 0: any that is free. Only this machine is answered. */
export async function serveGallery(directory: string, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://gallery");
    // Whatever is asked for stays below the directory. Frames on the gallery's website show a state each.
    const name = normalize(/\/(panel)?$/.test(pathname) ? "/index.html" : pathname);
    readFile(join(directory, name)).then(
      (contents) => {
        response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "text/plain" });
        response.end(contents);
      },
      () => {
        response.writeHead(404);
        response.end();
      },
    );
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  return server;
}

/** As a command. */
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const directory = fileURLToPath(new URL("../../dist/gallery", import.meta.url));
  await buildGallery(directory);
  const port = Number(process.argv[2] ?? 3100);
  await serveGallery(directory, port);
  process.stdout.write(`The gallery is at http://127.0.0.1:${port}/\n`);
}
