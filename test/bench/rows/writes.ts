import { randomBytes, randomUUID } from "node:crypto";
import { SignedTokens } from "../../../src/platform/auth/signed-token.js";
import {
  hashVisitorKey,
  newVisitorKey,
  VisitorTokens,
} from "../../../src/platform/auth/visitor-token.js";
import { CONNECTIONS, type LoadRequest } from "../load.js";
import type { Case, Row, Side } from "../row.js";
import { addressOf, SITE, type Stage } from "../stage.js";

const CLIENTS = CONNECTIONS * 500;
/** Feedback is given once: enough conversations for the fastest run. */
const ONCE = CONNECTIONS * 1_000;
const VISITOR = "visitor-of-the-bench";
const TURN_TEXT = "Do you deliver on Saturdays, and what would that cost me?";

/** A visitor's start, each by another client. */
export const start: Row = {
  name: "start",
  cases: async (stage) => {
    const { widgetId } = await stage.things();
    return [
      await writeCase(stage, "start a conversation", {
        ours: () => starts(conversations(widgetId)),
        baseline: () => starts("/start"),
      }),
    ];
  },
};

/** A visitor goes on, in a fresh room. */
export const resume: Row = {
  name: "resume",
  cases: async (stage) => {
    const { widgetId } = await stage.things();
    const made = await makeConversations(stage, CLIENTS);
    const requests = (path: string): LoadRequest[] =>
      fromClients(CLIENTS, (n) => ({
        path,
        body: { user_id: VISITOR, conversation_id: made.ids[n] },
        headers: { "x-visitor-token": made.visitorToken },
      }));
    return [
      await writeCase(stage, "resume a conversation", {
        ours: () => requests(conversations(widgetId)),
        baseline: () => requests("/resume"),
      }),
    ];
  },
};

/** A visitor's answers at the end. */
export const feedback: Row = {
  name: "feedback",
  cases: async (stage) => {
    const { widgetId } = await stage.things();
    const body = { data: { rating: 5 } };
    return [
      await writeCase(stage, "feedback", {
        ours: async () => {
          const { ids, visitorToken } = await makeConversations(stage, ONCE);
          return fromClients(ONCE, (n) => ({
            path: `${conversations(widgetId)}/${ids[n]}/feedback`,
            body,
            headers: { "x-visitor-token": visitorToken },
          }));
        },
        baseline: async () => {
          const { ids } = await makeConversations(stage, ONCE);
          return fromClients(ONCE, (n) => ({
            path: "/feedback",
            body: { ...body, conversation_id: ids[n] },
          }));
        },
      }),
    ];
  },
};

/** What a worker tells of a talk: two turns of the visitor's in one post. */
export const turns: Row = {
  name: "turns",
  cases: async (stage) => {
    const made = await makeConversations(stage, CONNECTIONS * 20);
    const tokens = new SignedTokens(stage.appSecret, () => new Date());
    const expiresAt = Math.floor(Date.now() / 1000) + 24 * 60 * 60;
    const jobs = await Promise.all(
      made.ids.map((id) => tokens.sign("job", { r: `room_${id}`, j: "job" }, expiresAt)),
    );
    const body = (run: string, n: number): object => ({
      turns: [0, 1].map((turn) => ({
        id: `${run}-${n}-${turn}`,
        role: "user",
        text: TURN_TEXT,
        mode: "text",
        created_at: new Date().toISOString(),
      })),
    });
    const requests = (of: (n: number, run: string) => Asked): LoadRequest[] => {
      const run = randomBytes(6).toString("hex");
      return fromClients(CLIENTS, (n) => of(n, run));
    };
    return [
      await writeCase(stage, "a job's post of turns", {
        ours: () =>
          requests((n, run) => ({
            path: "/core/worker/job/turns",
            body: body(run, n),
            headers: { authorization: `Bearer ${jobs[n % jobs.length]}` },
          })),
        baseline: () =>
          requests((n, run) => ({
            path: "/turns",
            body: { ...body(run, n), conversation_id: made.ids[n % made.ids.length] },
          })),
      }),
    ];
  },
};

/** One start each, of other visitors. */
export function starts(path: string): LoadRequest[] {
  return fromClients(CLIENTS, () => ({ path, body: { user_id: `guest_${randomUUID()}` } }));
}

interface Asked {
  readonly path: string;
  readonly body: object;
  readonly headers?: Record<string, string>;
}

function fromClients(count: number, asked: (n: number) => Asked): LoadRequest[] {
  return Array.from({ length: count }, (_, n) => {
    const { path, body, headers } = asked(n);
    return {
      method: "POST",
      path,
      headers: {
        "content-type": "application/json",
        origin: SITE,
        "x-forwarded-for": addressOf(n),
        ...headers,
      },
      body: JSON.stringify(body),
    };
  });
}

async function writeCase(
  stage: Stage,
  path: string,
  { ours, baseline }: Record<"ours" | "baseline", Side["requests"]>,
): Promise<Case> {
  const { agentId, versionId, widgetId } = await stage.things();
  const program = await stage.parley();
  const other = await stage.baseline("writes.ts", {
    AGENT_ID: agentId,
    VERSION_ID: versionId,
    WIDGET_ID: widgetId,
  });
  return {
    path,
    bar: 0.5,
    ours: { program, requests: ours },
    baseline: { program: other, requests: baseline },
  };
}

/** One visitor's conversations, each with a room that an agent has claimed. */
async function makeConversations(
  stage: Stage,
  count: number,
): Promise<{ ids: string[]; visitorToken: string }> {
  const { agentId, versionId, widgetId } = await stage.things();
  const key = newVisitorKey();
  const hash = Buffer.from(hashVisitorKey(key)).toString("hex");
  const rows = await stage.postgres.query<{ id: string }>(`
    WITH made AS (
      INSERT INTO conversations (id, organization_id, direction, channel, status, user_id, agent_id,
        agent_version_id, web_widget_id, custom_metadata, bound, visitor_key_hash, current_room, created_at, updated_at)
      SELECT id, 'bench', 'inbound', 'webrtc', 'token_created', '${VISITOR}', '${agentId}', '${versionId}',
        '${widgetId}', '{}', false, '\\x${hash}', 'room_' || id, now(), now()
      FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, ${count})) AS new
      RETURNING id
    ), rooms AS (
      INSERT INTO conversation_rooms (name, conversation_id, visitor_identity, fallback_status, token_expires_at,
        job_id, agent_identity, created_at)
      SELECT 'room_' || id, id, 'visitor_' || id, 'cancelled', now() + interval '1 hour', 'job', 'agent', now() FROM made
    )
    SELECT id FROM made`);
  const visitorTokens = new VisitorTokens(
    new SignedTokens(stage.appSecret, () => new Date()),
    () => new Date(),
  );
  const visitorToken = await visitorTokens.issue({ widgetId, userId: VISITOR, key, generation: 0 });
  return { ids: rows.map(({ id }) => id), visitorToken };
}

export function conversations(widgetId: string): string {
  return `/core/public/web-widgets/${widgetId}/conversations`;
}
