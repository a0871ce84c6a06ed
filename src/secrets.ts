import { randomBytes } from "node:crypto";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const schema = z.object({
  appSecret: z.string().min(32),
  agentSecret: z.string().min(32),
  livekitApiKey: z.string().min(8),
  livekitApiSecret: z.string().min(32),
});

/** What an embedded installation makes for itself at its first start. */
export type LocalSecrets = z.infer<typeof schema>;

/**
 * Reads the secrets in `dataDir`, or makes them: random, readable by this user alone. Several
 * instances that start at once get the same ones, and a crash leaves all of them or none.
 */
export async function localSecrets(dataDir: string): Promise<LocalSecrets> {
  const path = join(dataDir, "secrets.json");
  const existing = await read(path);
  if (existing) return existing;
  const secrets: LocalSecrets = {
    appSecret: randomBytes(32).toString("base64url"),
    agentSecret: randomBytes(32).toString("base64url"),
    livekitApiKey: `API${randomBytes(8).toString("hex")}`,
    livekitApiSecret: randomBytes(32).toString("base64url"),
  };
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  try {
    await link(draft, path);
    return secrets;
  } catch (error) {
    // Another instance was first; its secrets count.
    const theirs = await read(path);
    if (theirs) return theirs;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function read(path: string): Promise<LocalSecrets | undefined> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}
