import { randomUUID } from "node:crypto";
import type { TestApp } from "./app.js";

/** What one organization owns: one thing of each kind. */
export interface World {
  readonly organizationId: string;
  readonly key: string;
  readonly keyId: string;
  readonly agentId: string;
  /** The published version, number 1; version 2 is a draft. */
  readonly versionId: string;
  readonly widgetId: string;
  readonly conversationId: string;
  readonly visitorToken: string;
  readonly userId: string;
}

export const FORM = {
  v1: { post_conversation_feedback: { form: { fields: [{ id: "rating", type: "rating" }] } } },
};

/** An organization with a live widget and a conversation. */
export async function makeWorld(app: TestApp): Promise<World> {
  const { id: organizationId, key } = await app.organization();
  const userId = `visitor ${randomUUID()}`;
  const widget = await app.widget(key, { config: FORM });
  const draft = await app.post(
    `/core/agents/${widget.agent_id}/versions`,
    { base_version: 1 },
    key,
  );
  if (draft.status !== 201) throw new Error(draft.text);
  const started = await app.begin(widget.id, { user_id: userId, custom_metadata: { plan: "pro" } });
  if (started.status !== 200) throw new Error(started.text);
  return {
    organizationId,
    key,
    keyId: keyIdOf(key),
    agentId: widget.agent_id,
    versionId: widget.agent_version_id,
    widgetId: widget.id,
    conversationId: started.body.conversation.id,
    visitorToken: started.body.visitor_token,
    userId,
  };
}

/** The same names, of things that do not exist anywhere. */
export function nowhere(key: string): World {
  return {
    organizationId: `org_${randomUUID()}`,
    key,
    keyId: randomUUID().replaceAll("-", ""),
    agentId: randomUUID(),
    versionId: randomUUID(),
    widgetId: randomUUID(),
    conversationId: randomUUID(),
    visitorToken: "none",
    userId: `visitor ${randomUUID()}`,
  };
}

/** The public part of `ak_<id>.<secret>`. */
export function keyIdOf(key: string): string {
  return key.slice("ak_".length).split(".")[0] ?? "";
}
