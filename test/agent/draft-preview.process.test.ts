import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { dispose } from "@livekit/rtc-node";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { FROM_CONSOLE } from "../support/console.js";
import { freePort } from "../support/free-port.js";
import { ParleyProcess, until } from "../support/process.js";
import { leaveAll, start, startedOf, VisitorClient } from "./visitor-client.js";

const SLOW = 240_000;
const QUESTION = "What are your opening hours?";

let dataDir: string;
let parley: ParleyProcess;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "parley-preview-"));
  parley = await ParleyProcess.start({
    DATA_DIR: dataDir,
    PORT: String(await freePort()),
    LIVEKIT_PORT: String(await freePort()),
    LOG_LEVEL: "warn",
  });
  await until(
    async () => {
      const { agentAvailable } = await start(parley, parley.demoWidgetId, { user_id: "asks" });
      return agentAvailable ? true : undefined;
    },
    () => `no agent:\n${parley.output}`,
  );
}, SLOW);

afterEach(leaveAll);

afterAll(async () => {
  parley.killGroup();
  await parley.exit;
  await dispose();
  await rm(dataDir, { recursive: true, force: true, maxRetries: 5 });
}, SLOW);

/** Signed in by the link that the start printed. */
async function signIn(): Promise<Record<string, string>> {
  const [, token = ""] = /\/console\/link#(\S+)/.exec(parley.output) ?? [];
  const used = await fetch(`${parley.url}/console/api/link/use`, {
    method: "POST",
    headers: { ...FROM_CONSOLE, "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
  expect(await used.json()).toEqual({ state: "signed_in" });
  const [cookie = ""] = used.headers.getSetCookie()[0]?.split(";") ?? [];
  return { ...FROM_CONSOLE, cookie };
}

test(
  "a draft answers who tries it, and what is published goes on as it was",
  { timeout: SLOW },
  async () => {
    const key = parley.demoKey;
    const [agent] = JSON.parse((await parley.json("/core/agents", { key })).text);
    const answer = "The draft opens at noon.";
    const config = {
      starting_message: { type: "bot_initiates_static", text: "A draft greets you." },
      faq: [{ question: QUESTION, answer }],
    };
    const path = `/core/agents/${agent.id}/versions`;
    const { version } = JSON.parse((await parley.json(path, { key, body: { config } })).text);
    const query = `mutation ($input: CreateDraftPreviewInput!) { createDraftPreview(input: $input) { token } }`;
    const made = await parley.json("/graphql", {
      headers: { ...(await signIn()), "x-anyreach-org": agent.organization_id },
      body: { query, variables: { input: { agentId: agent.id, version } } },
    });
    const { token } = JSON.parse(made.text).data.createDraftPreview;

    const begun = await parley.json("/core/public/draft-previews/start", {
      body: { token },
      headers: { origin: "null" },
    });
    expect(begun.status, begun.text).toBe(200);
    const tester = await VisitorClient.join(startedOf(begun.text));
    await tester.hears(/A draft greets you/);
    await tester.write(QUESTION);
    await tester.hears(/The draft opens at noon/);

    const visitor = await VisitorClient.join(
      await start(parley, parley.demoWidgetId, { user_id: "visitor" }),
    );
    await visitor.hears(/Harbour Coffee/);
    await visitor.write(QUESTION);
    await visitor.hears(/Tuesday to Saturday/);
    expect(visitor.said.map(({ text }) => text).join(" ")).not.toContain("draft");
  },
);
