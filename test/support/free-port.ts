import { once } from "node:events";
import { createServer } from "node:net";

/** Below the ports that systems lend to outgoing connections, which could take a free one before its server does. */
const FIRST = 11_000;
const COUNT = 19_000;
const TRIES = 50;

/** A TCP port on 127.0.0.1 that nobody listens on. @throws Error when there seems to be none. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < TRIES; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (await isFree(port)) return port;
  }
  throw new Error("There is no free port.");
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, "127.0.0.1"), "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
