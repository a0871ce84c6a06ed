import { SignJWT, type JWTPayload } from "jose";
import type { Answer, TestApp } from "./app.js";

/** A website's server: it knows its widget's identity secret, and signs for its visitors. */
export interface Website {
  readonly widget: Answer["body"];
  readonly secret: string;
}

/** A live widget that takes identity tokens. */
export async function makeWebsite(
  app: TestApp,
  key: string,
  { identity = "optional", fields = {} }: { identity?: string; fields?: object } = {},
): Promise<Website> {
  const widget = await app.widget(key, fields);
  const secret = await rotateSecret(app, key, widget.id);
  await setSecurity(app, key, widget.id, { identity });
  return { widget, secret };
}

export async function setSecurity(
  app: TestApp,
  key: string,
  widgetId: string,
  security: object,
): Promise<void> {
  const answer = await app.put(`/core/web-widgets/${widgetId}/security`, security, key);
  if (answer.status !== 200) throw new Error(answer.text);
}

export async function rotateSecret(app: TestApp, key: string, widgetId: string): Promise<string> {
  const query = `mutation ($id: UUID!) { rotateWidgetIdentitySecret(input: { id: $id }) { secret } }`;
  const answer = await app.gql(query, { id: widgetId }, key);
  return answer.body.data.rotateWidgetIdentitySecret.secret;
}

/** What a website's server does: ten minutes, unless the claims say otherwise. */
export function signIdentity(
  app: TestApp,
  secret: string,
  claims: JWTPayload,
  alg = "HS256",
): Promise<string> {
  const exp = Math.floor(app.clock.now().getTime() / 1000) + 600;
  return new SignJWT({ exp, ...claims })
    .setProtectedHeader({ alg })
    .sign(new TextEncoder().encode(secret));
}
