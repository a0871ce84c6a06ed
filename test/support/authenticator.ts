import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";

/** What an authenticator may be made to say otherwise than it should. */
export interface Lies {
  readonly origin?: string;
  readonly rpId?: string;
  readonly challenge?: string;
  readonly userHandle?: string;
  readonly counter?: number;
  /** That it asked for no finger, face or PIN. */
  readonly isUnverified?: boolean;
}

interface Created {
  readonly rp: { readonly id?: string };
  readonly user: { readonly id: string };
  readonly challenge: string;
}

interface Asked {
  readonly rpId?: string;
  readonly challenge: string;
}

const PRESENT = 0x01;
const VERIFIED = 0x04;
const HAS_KEY = 0x40;

/** A passkey in software: ES256, with the browser around it. What it answers is what `toJSON()` gives. */
export class Authenticator {
  readonly id = randomBytes(32).toString("base64url");
  counter = 0;
  private readonly keys = generateKeyPairSync("ec", { namedCurve: "P-256" });
  private userHandle = "";

  constructor(private readonly origin: string) {}

  /** @param options of `startPasskey` @param statement in place of none */
  create({ rp, user, challenge }: Created, lies: Lies = {}, statement?: object): object {
    this.userHandle = user.id;
    const id = Buffer.from(this.id, "base64url");
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const authData = Buffer.concat([
      this.data(rp.id ?? "", HAS_KEY, lies),
      Buffer.alloc(16),
      length,
      id,
      cbor(coseKey(this.keys.publicKey)),
    ]);
    const attestation = new Map<string, unknown>([
      ["fmt", statement ? "packed" : "none"],
      ["attStmt", new Map(Object.entries(statement ?? {}))],
      ["authData", authData],
    ]);
    return {
      id: this.id,
      rawId: this.id,
      type: "public-key",
      authenticatorAttachment: "platform",
      clientExtensionResults: {},
      response: {
        clientDataJSON: this.client("webauthn.create", challenge, lies).toString("base64url"),
        attestationObject: cbor(attestation).toString("base64url"),
        transports: ["internal"],
      },
    };
  }

  /** @param options of `POST /console/api/passkey/options` */
  get({ rpId, challenge }: Asked, lies: Lies = {}): object {
    this.counter += 1;
    const authData = this.data(rpId ?? "", 0, lies);
    const client = this.client("webauthn.get", challenge, lies);
    const signed = Buffer.concat([authData, createHash("sha256").update(client).digest()]);
    return {
      id: this.id,
      rawId: this.id,
      type: "public-key",
      clientExtensionResults: {},
      response: {
        clientDataJSON: client.toString("base64url"),
        authenticatorData: authData.toString("base64url"),
        signature: sign("sha256", signed, this.keys.privateKey).toString("base64url"),
        userHandle: lies.userHandle ?? this.userHandle,
      },
    };
  }

  private client(type: string, asked: string, { origin, challenge }: Lies): Buffer {
    const client = { type, challenge: challenge ?? asked, origin: origin ?? this.origin };
    return Buffer.from(JSON.stringify({ ...client, crossOrigin: false }));
  }

  private data(asked: string, flags: number, { rpId, counter, isUnverified }: Lies): Buffer {
    const count = Buffer.alloc(4);
    count.writeUInt32BE(counter ?? this.counter);
    return Buffer.concat([
      createHash("sha256")
        .update(rpId ?? asked)
        .digest(),
      Buffer.from([flags | PRESENT | (isUnverified ? 0 : VERIFIED)]),
      count,
    ]);
  }
}

function coseKey(key: KeyObject): Map<number, unknown> {
  const { x = "", y = "" } = key.export({ format: "jwk" });
  return new Map<number, unknown>([
    [1, 2],
    [3, -7],
    [-1, 1],
    [-2, Buffer.from(x, "base64url")],
    [-3, Buffer.from(y, "base64url")],
  ]);
}

/** The little of CBOR that authenticators write. */
function cbor(value: unknown): Buffer {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === "string") {
    const text = Buffer.from(value);
    return Buffer.concat([head(3, text.length), text]);
  }
  if (Array.isArray(value)) {
    return Buffer.concat([head(4, value.length), ...value.map((item) => cbor(item))]);
  }
  if (!(value instanceof Map)) throw new Error(`no CBOR for ${typeof value}`);
  const pairs = [...value].flatMap(([key, inner]) => [cbor(key), cbor(inner)]);
  return Buffer.concat([head(5, value.size), ...pairs]);
}

function head(kind: number, size: number): Buffer {
  if (size < 24) return Buffer.from([(kind << 5) | size]);
  if (size < 256) return Buffer.from([(kind << 5) | 24, size]);
  return Buffer.from([(kind << 5) | 25, size >> 8, size & 255]);
}
