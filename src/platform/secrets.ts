import { randomBytes, randomUUID } from "node:crypto";
import { link, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { z } from "zod";
import { ConfigError, type LiveKitKey } from "../process/environment.js";
import { unusable } from "./config.js";
import { prepareDataDir } from "./data-dir.js";
import { errorCode } from "./errors.js";

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
 *
 * @throws ConfigError when the file is damaged, or the directory cannot be used.
 */
export async function localSecrets(dataDir: string): Promise<LocalSecrets> {
  const existing = await existingSecrets(dataDir);
  if (existing) return existing;
  const path = pathIn(dataDir);
  const secrets: LocalSecrets = {
    appSecret: randomBytes(32).toString("base64url"),
    agentSecret: randomBytes(32).toString("base64url"),
    livekitApiKey: `API${randomBytes(8).toString("hex")}`,
    livekitApiSecret: randomBytes(32).toString("base64url"),
  };
  // A name of its own: in containers that share the directory, process numbers are the same.
  const draft = `${path}.${randomUUID()}`;
  await prepareDataDir(dataDir);
  try {
    await writeFile(draft, JSON.stringify(secrets, null, 2), { mode: 0o600 });
    await link(draft, path);
    return secrets;
  } catch (error) {
    // Another instance was first; its secrets count.
    const theirs = await existingSecrets(dataDir);
    if (theirs) return theirs;
    throw unusable("DATA_DIR", dataDir, error);
  } finally {
    await rm(draft, { force: true });
  }
}

/** @returns undefined when none were made yet. @throws ConfigError as `localSecrets`. */
export async function existingSecrets(dataDir: string): Promise<LocalSecrets | undefined> {
  const path = pathIn(dataDir);
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw unusable("The file of this installation's secrets", path, error);
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    // Neither the error nor its cause: they show parts of the file.
    throw new ConfigError(
      `${resolve(path)} is damaged. Bring back a copy, or delete it: then new secrets are made, and visitors' tokens end.`,
    );
  }
}

/** The key of the LiveKit that we bring, unless it is given one. */
export function livekitKey({ livekitApiKey, livekitApiSecret }: LocalSecrets): LiveKitKey {
  return { apiKey: livekitApiKey, apiSecret: livekitApiSecret };
}

function pathIn(dataDir: string): string {
  return join(dataDir, "secrets.json");
}
