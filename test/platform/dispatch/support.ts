import { randomUUID } from "node:crypto";
import { AGENT_SECRET, type Answer, type TestApp } from "../../support/app.js";
import { connectionOf } from "../../support/webhook.js";

/** A started conversation, with a worker's claim on its room. */
export interface ClaimedTalk {
  readonly widgetId: string;
  readonly conversationId: string;
  readonly room: string;
  readonly identity: string;
  readonly visitorToken: string;
  /** The job token. */
  readonly token: string;
}

/** Under which the agent of a claimed talk is in its room. */
export const AGENT = "agent-1";

/** A request of a worker: with `AGENT_SECRET`, or with a job token. */
export function asWorker(
  app: TestApp,
  method: "GET" | "POST",
  path: string,
  options: { bearer?: string | undefined; body?: unknown } = {},
): Promise<Answer> {
  return app.call(method, `/core/worker/${path}`, {
    key: options.bearer ?? AGENT_SECRET,
    ...(options.body === undefined ? {} : { body: options.body }),
  });
}

export function claim(app: TestApp, room: string, identity = AGENT): Promise<Answer> {
  return asWorker(app, "POST", "jobs", { body: { room, agent_identity: identity } });
}

export function sendTurns(app: TestApp, token: string, turns: readonly unknown[]): Promise<Answer> {
  return asWorker(app, "POST", "job/turns", { bearer: token, body: { turns } });
}

export async function claimedTalk(app: TestApp, widgetId: string): Promise<ClaimedTalk> {
  const started = await app.begin(widgetId, { user_id: "visitor" });
  const { room, identity } = connectionOf(started.body);
  const claimed = await claim(app, room);
  return {
    widgetId,
    conversationId: started.body.conversation.id,
    room,
    identity,
    visitorToken: started.body.visitor_token,
    token: claimed.body.token,
  };
}

/** A turn as a worker sends it. */
export function turn(fields: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id: randomUUID(),
    role: "user",
    text: "Hello",
    mode: "text",
    created_at: "2026-11-21T10:00:00.000Z",
    ...fields,
  };
}
