import { randomBytes } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
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

/** Reads the secrets in `dataDir`, or makes them: random, readable by this user alone. */
export async function localSecrets(dataDir: string): Promise<LocalSecrets> {
  const path = join(dataDir, "secrets.json");
  const text = await readFile(path, "utf8").catch(() => undefined);
  if (text !== undefined) return schema.parse(JSON.parse(text));
  const secrets: LocalSecrets = {
    appSecret: randomBytes(32).toString("base64url"),
    agentSecret: randomBytes(32).toString("base64url"),
    livekitApiKey: `API${randomBytes(8).toString("hex")}`,
    livekitApiSecret: randomBytes(32).toString("base64url"),
  };
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(path, JSON.stringify(secrets, null, 2), { mode: 0o600, flag: "wx" });
  return secrets;
}
