import { expect } from "vitest";
import type { Answer, TestApp } from "./app.js";

/** A widget's public address. */
export const publicPath = (widgetId: string): string => `/core/public/web-widgets/${widgetId}`;

export const START = `mutation ($input: StartConversationInput!) {
  startConversation(input: $input) {
    conversation { id status userId } connectionDetails { url token room }
    capabilities { supportsVideoInput supportsScreenShare supportsVoice agentAvailable } visitorToken
  }
}`;

/** `startConversation` by GraphQL, the twin of `TestApp.begin`. */
export function beginByGraphQL(
  app: TestApp,
  widgetId: string,
  input: object,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return app.gql(START, { input: { ...input, widgetId } }, undefined, headers);
}

/** The code of a GraphQL answer's first error, or undefined. */
export function codeOf(answer: Answer): string | undefined {
  return answer.body.errors?.[0]?.extensions?.code;
}

/** Headers of a visitor who holds a token. */
export function withToken(token: string): Record<string, string> {
  return { "x-visitor-token": token };
}

/** A bound conversation: started with a fresh ticket, as our embed does. */
export async function beginBound(
  app: TestApp,
  widgetId: string,
  body: object,
  origin?: string,
): Promise<Answer> {
  return app.begin(widgetId, body, { "x-embed-ticket": await app.ticket(widgetId, origin) });
}

export interface Visit {
  /** The conversation that goes on. */
  readonly resumes?: string | undefined;
  readonly identity?: string | undefined;
  readonly token?: string | undefined;
  readonly metadata?: object | undefined;
  readonly bound?: boolean | undefined;
}

/** A start by REST, bound unless it is a resume or said otherwise: what a browser does. */
export async function visitWidget(
  app: TestApp,
  widgetId: string,
  userId: string,
  { resumes, identity, token, metadata, bound = true }: Visit = {},
): Promise<Answer> {
  const ticket: Record<string, string> =
    bound && !resumes ? { "x-embed-ticket": await app.ticket(widgetId) } : {};
  return app.begin(
    widgetId,
    {
      user_id: userId,
      ...(resumes ? { conversation_id: resumes } : {}),
      ...(identity === undefined ? {} : { identity_token: identity }),
      ...(metadata ? { custom_metadata: metadata } : {}),
    },
    { ...ticket, ...(token === undefined ? {} : withToken(token)) },
  );
}

/** A conversation as its visitor knows it. */
export interface Talk {
  readonly id: string;
  readonly room: string;
  readonly token: string;
  readonly verified: boolean;
}

/** What a start has answered; it must have succeeded. */
export function talkOf({ status, text, body }: Answer): Talk {
  expect(status, text).toBe(200);
  return {
    id: body.conversation.id,
    room: body.connection_details.room,
    token: body.visitor_token,
    verified: body.conversation.user_verified,
  };
}

/** The public list, by whoever holds `token`. */
export function listPublic(
  app: TestApp,
  widgetId: string,
  options: { query?: string; token?: string } = {},
): Promise<Answer> {
  const path = `${publicPath(widgetId)}/conversations${options.query ?? ""}`;
  return app.get(path, undefined, options.token ? withToken(options.token) : undefined);
}

/** A conversation's messages, by whoever holds `token`. */
export function readMessages(
  app: TestApp,
  widgetId: string,
  conversationId: string,
  token?: string,
): Promise<Answer> {
  const path = `${publicPath(widgetId)}/conversations/${conversationId}/messages`;
  return app.get(path, undefined, token === undefined ? undefined : withToken(token));
}

/** Feedback, by whoever holds `token`. */
export function giveFeedback(
  app: TestApp,
  widgetId: string,
  conversationId: string,
  data: unknown,
  token?: string,
): Promise<Answer> {
  const path = `${publicPath(widgetId)}/conversations/${conversationId}/feedback`;
  return app.post(path, { data }, undefined, token === undefined ? undefined : withToken(token));
}

/** A `config` that asks for feedback in the two documented ways. */
export function feedbackConfig(
  fields: readonly object[] = [
    { id: "rating", type: "rating" },
    { id: "comment", type: "textarea" },
    { id: "tags", type: "multiselect" },
  ],
  style: "form" | "inline" = "form",
): object {
  const feedback =
    style === "form" ? { enabled: true, form: { id: "f", fields } } : { enabled: true, fields };
  return { v1: { post_conversation_feedback: feedback } };
}
