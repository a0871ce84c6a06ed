import { describe, expect, test } from "vitest";
import { FROM_CONSOLE } from "../../support/console.js";
import { onPostgres } from "../../support/database.js";
import {
  cleanUpProcesses,
  FOREIGN_LIVEKIT,
  ParleyProcess,
  temporaryDirectory,
} from "../../support/process.js";

const LINK = /Console +(\S+)\/console\/link#(\S+)/;

cleanUpProcesses();

/** As the console's own page asks. */
async function ask(
  { url }: ParleyProcess,
  path: string,
  body: object,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}${path}`, {
    method: "POST",
    headers: { ...FROM_CONSOLE, "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

/** What a start printed, and the lines of its log. */
function readOutput(parley: ParleyProcess): { origin: string; token: string; log: string } {
  const [, origin = "", token = ""] = LINK.exec(parley.output) ?? [];
  const lines = parley.output.split("\n").filter((line) => line.startsWith("{"));
  return { origin, token, log: lines.join("\n") };
}

/** Verbose, so that the log has whatever it would ever have. */
function start(dataDir: string, env: Record<string, string> = {}): Promise<ParleyProcess> {
  return ParleyProcess.start({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir, LOG_LEVEL: "trace", ...env });
}

describe.skipIf(onPostgres)("a start that nobody can sign in after", () => {
  test("prints a link to the terminal alone, new each time, until somebody has a password", async () => {
    const dataDir = await temporaryDirectory();
    const first = await start(dataDir);
    const printed = readOutput(first);
    expect(printed.origin).toBe(first.url);
    expect(printed.token).toMatch(/^[\w-]{43}$/);
    first.kill("SIGTERM");
    expect(await first.exit).toBe(0);

    const second = await start(dataDir);
    const { token } = readOutput(second);
    expect(token).not.toBe(printed.token);
    const stale = await ask(second, "/console/api/link/use", { token: printed.token });
    expect(stale.status).toBe(401);
    const used = await ask(second, "/console/api/link/use", { token });
    expect(await used.json()).toEqual({ state: "signed_in" });
    const [cookie = ""] = used.headers.getSetCookie()[0]?.split(";") ?? [];
    expect((await ask(second, "/console/api/link/use", { token })).status).toBe(401);
    const query =
      'mutation { changePassword(input: { newPassword: "a first long password" }) { viewer { hasPassword } } }';
    const changed = await ask(second, "/graphql", { query }, { cookie });
    expect(await changed.json()).toMatchObject({
      data: { changePassword: { viewer: { hasPassword: true } } },
    });
    const { log } = readOutput(second);
    // It has these requests, and nothing that would let anybody in.
    expect(log).toContain("/console/api/link/use");
    for (const secret of [token, printed.token, cookie.split("=")[1], "a first long password"]) {
      expect(secret).toBeTruthy();
      expect(log).not.toContain(secret);
    }
    second.kill("SIGTERM");
    expect(await second.exit).toBe(0);

    const third = await start(dataDir);
    expect(third.output).not.toContain("/console/link#");
  });

  test("prints none where others than this machine reach it", async () => {
    const open = await start(await temporaryDirectory(), { HOST: "0.0.0.0" });
    expect(open.output).toContain("Demo widget");
    expect(open.output).not.toContain("/console/link#");
  });
});
