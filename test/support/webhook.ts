import { createHash } from "node:crypto";
import { AccessToken } from "livekit-server-sdk";
import { LIVEKIT, type Answer, type TestApp } from "./app.js";

/** An event as LiveKit would send it. `at`: seconds since the epoch, in digits where no number holds them. */
export interface TestEvent {
  readonly event: string;
  readonly room: string;
  readonly identity?: string;
  readonly at?: number | string;
  readonly kind?: "AGENT";
}

/** Delivers a webhook with LiveKit's own kind of signature. */
export async function deliver(
  app: TestApp,
  event: TestEvent,
  signing: { apiKey: string; apiSecret: string; tamper?: boolean } = LIVEKIT,
): Promise<Answer> {
  const body = JSON.stringify({
    event: event.event,
    id: `EV_${Math.random()}`,
    createdAt: String(event.at ?? Math.floor(app.clock.now().getTime() / 1000)),
    room: { name: event.room, sid: "RM_test" },
    ...(event.identity
      ? {
          participant: {
            identity: event.identity,
            sid: "PA_test",
            ...(event.kind ? { kind: event.kind } : {}),
          },
        }
      : {}),
  });
  const token = new AccessToken(signing.apiKey, signing.apiSecret, { ttl: 60 });
  token.sha256 = createHash("sha256").update(body).digest("base64");
  return app.call("POST", "/livekit/webhook", {
    body: signing.tamper ? `${body} ` : body,
    headers: { "content-type": "application/webhook+json", authorization: await token.toJwt() },
  });
}

/** The room and the visitor's identity of a started conversation, from its LiveKit token. */
export function connectionOf(started: Answer["body"]): { room: string; identity: string } {
  const [, payload = ""] = String(started.connection_details.token).split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
  return { room: started.connection_details.room, identity: claims.sub };
}
