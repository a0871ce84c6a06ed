import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openDatabase } from "../../../src/platform/database/client.js";
import { makeSelfSigned } from "../../support/self-signed.js";

/** The first message of a client that wants TLS: its length, and PostgreSQL's own number for it. */
const SSL_REQUEST = Buffer.from("0000000804d2162f", "hex");

const own = makeSelfSigned(["localhost"]);
const other = makeSelfSigned(["localhost"]);
let directory: string;
let server: Server;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "parley-tls-"));
  await writeFile(join(directory, "own.pem"), own.cert);
  await writeFile(join(directory, "other.pem"), other.cert);
  // As much of a PostgreSQL as there is before anybody is let in: it tells how it was reached.
  server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (first: Buffer) => {
      if (!first.equals(SSL_REQUEST)) return refuse(socket, "reached in the clear");
      socket.write("S");
      const secure = new TLSSocket(socket, { isServer: true, key: own.key, cert: own.cert });
      secure.on("error", () => {});
      secure.once("data", () => refuse(secure, "reached over TLS"));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
});
afterAll(async () => {
  server.close();
  await rm(directory, { recursive: true });
});

function refuse(socket: Socket, message: string): void {
  const fields = Buffer.from(`SFATAL\0C28000\0M${message}\0\0`);
  const length = Buffer.alloc(4);
  length.writeInt32BE(fields.length + 4);
  socket.end(Buffer.concat([Buffer.from("E"), length, fields]));
}

const CLEAR = "reached in the clear";
const TLS = "reached over TLS";
test.each([
  ["localhost", "", CLEAR],
  ["localhost", "?sslmode=disable", CLEAR],
  ["127.0.0.1", "?sslmode=require", TLS],
  ["127.0.0.1", "?sslmode=no-verify", TLS],
  // A root certificate makes require verify-ca: which name the server has is not asked.
  ["127.0.0.1", "?sslmode=require&sslrootcert=own.pem", TLS],
  ["localhost", "?sslmode=require&sslrootcert=other.pem", "certificate"],
  ["127.0.0.1", "?sslmode=verify-ca&sslrootcert=own.pem", TLS],
  ["localhost", "?sslmode=verify-ca&sslrootcert=other.pem", "certificate"],
  ["localhost", "?sslmode=verify-full&sslrootcert=own.pem", TLS],
  ["127.0.0.1", "?sslmode=verify-full&sslrootcert=own.pem", "does not match"],
  ["localhost", "?sslmode=verify-full&sslrootcert=other.pem", "certificate"],
  ["localhost", "?sslmode=verify-full", "certificate"],
  ["localhost", "?sslmode=verify-full&sslrootcert=none.pem", "none.pem (ENOENT)"],
])("a database on %s%s: %s", async (host, query, outcome) => {
  const { port } = server.address() as AddressInfo;
  const files = query.replace("sslrootcert=", `sslrootcert=${directory}/`);
  const databaseUrl = `postgresql://u:PASS@${host}:${port}/db${files}`;
  const refused = await openDatabase({ databaseUrl, dataDir: "/nowhere" }).then(
    () => "opened",
    (error: Error) => error.message,
  );
  expect(refused).toContain(outcome);
  expect(refused.split("\n")).toHaveLength(1);
  expect(refused).not.toContain("PASS");
});
