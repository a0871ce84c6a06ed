import { randomUUID } from "node:crypto";
import { hashSecret } from "../../src/platform/auth/token-secret.js";
import { PUBLIC_URL, type TestApp } from "./app.js";

/** What one organization owns: one thing of each kind. */
export interface World {
  readonly organizationId: string;
  readonly key: string;
  readonly keyId: string;
  /** A viewer. */
  readonly memberId: string;
  readonly invitationId: string;
  readonly agentId: string;
  /** The published version, number 1; version 2 is a draft. */
  readonly versionId: string;
  readonly widgetId: string;
  readonly conversationId: string;
  readonly visitorToken: string;
  readonly userId: string;
  /** For a page of the website's. */
  readonly embedTicket: string;
  /** What such a page keeps. */
  readonly handle: string;
}

const SITE = "https://shop.example";

export const FORM = {
  v1: { post_conversation_feedback: { form: { fields: [{ id: "rating", type: "rating" }] } } },
};

/** An organization with a live widget and a conversation. */
export async function makeWorld(app: TestApp): Promise<World> {
  const { id: organizationId, key } = await app.organization();
  const userId = `visitor ${randomUUID()}`;
  const memberId = randomUUID();
  const createdAt = app.clock.now();
  await app.db.user.create({
    data: {
      id: memberId,
      email: `${memberId}@test.example`,
      name: "Member",
      createdAt,
      memberships: { create: { organizationId, role: "viewer", createdAt } },
    },
  });
  const { id: invitationId } = await app.db.invitation.create({
    data: {
      id: randomUUID(),
      organizationId,
      email: `${randomUUID()}@test.example`,
      role: "viewer",
      secretHash: hashSecret(randomUUID()),
      createdAt,
      expiresAt: new Date(createdAt.getTime() + 86_400_000),
    },
  });
  const widget = await app.widget(key, { config: FORM });
  const draft = await app.post(
    `/core/agents/${widget.agent_id}/versions`,
    { base_version: 1 },
    key,
  );
  if (draft.status !== 201) throw new Error(draft.text);
  const started = await app.begin(widget.id, { user_id: userId, custom_metadata: { plan: "pro" } });
  if (started.status !== 200) throw new Error(started.text);
  const embedTicket = await app.ticket(widget.id, SITE);
  const { id: conversationId } = started.body.conversation;
  const handle = await app.post(
    `/core/public/web-widgets/${widget.id}/handles`,
    { conversation_id: conversationId },
    undefined,
    {
      origin: PUBLIC_URL,
      "x-embed-ticket": embedTicket,
      "x-visitor-token": started.body.visitor_token,
    },
  );
  if (handle.status !== 200) throw new Error(handle.text);
  return {
    organizationId,
    key,
    keyId: keyIdOf(key),
    memberId,
    invitationId,
    agentId: widget.agent_id,
    versionId: widget.agent_version_id,
    widgetId: widget.id,
    conversationId,
    visitorToken: started.body.visitor_token,
    userId,
    embedTicket,
    handle: handle.body.handle,
  };
}

/** The same names, of things that do not exist anywhere. */
export function nowhere(key: string): World {
  return {
    organizationId: `org_${randomUUID()}`,
    key,
    keyId: randomUUID().replaceAll("-", ""),
    memberId: randomUUID(),
    invitationId: randomUUID(),
    agentId: randomUUID(),
    versionId: randomUUID(),
    widgetId: randomUUID(),
    conversationId: randomUUID(),
    visitorToken: "none",
    userId: `visitor ${randomUUID()}`,
    embedTicket: "none",
    handle: `${randomUUID()}.${"x".repeat(43)}`,
  };
}

/** The public part of `ak_<id>.<secret>`. */
export function keyIdOf(key: string): string {
  return key.slice("ak_".length).split(".")[0] ?? "";
}
