import { createHash } from "node:crypto";
import {
  ParticipantInfo_Kind,
  ParticipantPermission,
  RoomConfiguration,
  TrackSource,
} from "@livekit/protocol";
import { decodeJwt, jwtVerify, SignJWT } from "jose";
import { z } from "zod";

/** How far clocks may differ, in seconds, as in the real server. */
const LEEWAY_SECONDS = 60;

const SOURCES: Readonly<Record<string, TrackSource>> = {
  camera: TrackSource.CAMERA,
  microphone: TrackSource.MICROPHONE,
  screen_share: TrackSource.SCREEN_SHARE,
  screen_share_audio: TrackSource.SCREEN_SHARE_AUDIO,
};

const videoGrant = z.object({
  room: z.string().default(""),
  roomJoin: z.boolean().default(false),
  roomCreate: z.boolean().default(false),
  roomList: z.boolean().default(false),
  roomAdmin: z.boolean().default(false),
  agent: z.boolean().default(false),
  hidden: z.boolean().default(false),
  recorder: z.boolean().default(false),
  canPublish: z.boolean().optional(),
  canSubscribe: z.boolean().optional(),
  canPublishData: z.boolean().optional(),
  canPublishSources: z.array(z.string()).default([]),
  canUpdateOwnMetadata: z.boolean().default(false),
});

const payload = z.object({
  sub: z.string().default(""),
  jti: z.string().default(""),
  name: z.string().default(""),
  metadata: z.string().default(""),
  attributes: z.record(z.string(), z.string()).default({}),
  kind: z.string().default(""),
  video: videoGrant.optional(),
  roomConfig: z.unknown().optional(),
});

/** What a token allows, as its `video` claim says. */
export type VideoGrant = z.infer<typeof videoGrant>;

/** A verified token. */
export interface Claims {
  readonly identity: string;
  readonly name: string;
  readonly metadata: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly kind: ParticipantInfo_Kind;
  readonly video: VideoGrant;
  readonly roomConfig: RoomConfiguration;
}

export type TokenCheck =
  | { readonly ok: true; readonly claims: Claims }
  | { readonly ok: false; readonly reason: string };

/** The one key pair that the embedded server knows: verifies and signs tokens with it. */
export class TokenAuthority {
  readonly #apiKey: string;
  readonly #secret: Uint8Array;

  constructor(apiKey: string, apiSecret: string) {
    this.#apiKey = apiKey;
    this.#secret = new TextEncoder().encode(apiSecret);
  }

  /** Verifies a token; a refusal carries the sentence that the real server answers with. */
  async verify(token: string): Promise<TokenCheck> {
    let issuer: string | undefined;
    try {
      issuer = decodeJwt(token).iss;
    } catch {
      return { ok: false, reason: "invalid authorization token" };
    }
    if (issuer !== this.#apiKey) return { ok: false, reason: "invalid API key" };
    try {
      const verified = await jwtVerify(token, this.#secret, {
        algorithms: ["HS256"],
        issuer: this.#apiKey,
        clockTolerance: LEEWAY_SECONDS,
      });
      return { ok: true, claims: toClaims(verified.payload) };
    } catch (error) {
      const detail = error instanceof Error ? error.message : "unreadable";
      return { ok: false, reason: `invalid token, error: ${detail}` };
    }
  }

  /** A token that lets a participant join one room again. */
  async signJoin(claims: Omit<Claims, "roomConfig">, ttlSeconds: number): Promise<string> {
    return this.#sign(
      {
        name: claims.name,
        metadata: claims.metadata,
        attributes: claims.attributes,
        kind: kindName(claims.kind),
        video: claims.video,
      },
      claims.identity,
      ttlSeconds,
    );
  }

  /** The signature of a webhook: binds the body by its SHA-256. */
  async signWebhook(body: string): Promise<string> {
    const sha256 = createHash("sha256").update(body).digest("base64");
    return this.#sign({ sha256 }, "", 300);
  }

  #sign(
    claims: Readonly<Record<string, unknown>>,
    subject: string,
    ttlSeconds: number,
  ): Promise<string> {
    const now = Math.floor(Date.now() / 1000);
    const token = new SignJWT({ ...claims })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuer(this.#apiKey)
      .setNotBefore(now)
      .setExpirationTime(now + ttlSeconds);
    if (subject !== "") token.setSubject(subject);
    return token.sign(this.#secret);
  }
}

/** The permissions that a token grants; what it leaves open is allowed, as in the real server. */
export function permissionOf(grant: VideoGrant): ParticipantPermission {
  const canPublish = grant.canPublish ?? true;
  return new ParticipantPermission({
    canPublish,
    canSubscribe: grant.canSubscribe ?? true,
    canPublishData: grant.canPublishData ?? canPublish,
    canPublishSources: grant.canPublishSources.map((name) => SOURCES[name] ?? TrackSource.UNKNOWN),
    canUpdateMetadata: grant.canUpdateOwnMetadata,
    hidden: grant.hidden,
    recorder: grant.recorder,
    agent: grant.agent,
  });
}

/** The grant that gives exactly these permissions in one room. */
export function grantOf(permission: ParticipantPermission, room: string): VideoGrant {
  const names = Object.entries(SOURCES);
  return videoGrant.parse({
    room,
    roomJoin: true,
    canPublish: permission.canPublish,
    canSubscribe: permission.canSubscribe,
    canPublishData: permission.canPublishData,
    canPublishSources: names
      .filter(([, source]) => permission.canPublishSources.includes(source))
      .map(([name]) => name),
    canUpdateOwnMetadata: permission.canUpdateMetadata,
    hidden: permission.hidden,
    recorder: permission.recorder,
    agent: permission.agent,
  });
}

function toClaims(raw: unknown): Claims {
  const parsed = payload.parse(raw);
  return {
    // As in the real server, which has it from LiveKit's older tokens.
    identity: parsed.sub || parsed.jti,
    name: parsed.name,
    metadata: parsed.metadata,
    attributes: parsed.attributes,
    kind: parsed.kind === "agent" ? ParticipantInfo_Kind.AGENT : ParticipantInfo_Kind.STANDARD,
    video: parsed.video ?? videoGrant.parse({}),
    roomConfig:
      parsed.roomConfig === undefined
        ? new RoomConfiguration()
        : RoomConfiguration.fromJsonString(JSON.stringify(parsed.roomConfig), {
            ignoreUnknownFields: true,
          }),
  };
}

function kindName(kind: ParticipantInfo_Kind): string {
  return kind === ParticipantInfo_Kind.AGENT ? "agent" : "standard";
}
