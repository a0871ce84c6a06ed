import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { deriveKey } from "./signed-token.js";

const CIPHER = "aes-256-gcm";
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keeps secrets that we must be able to read again: AES-256-GCM under a key derived from `APP_SECRET`. */
export class SecretBox {
  private readonly key: Uint8Array;

  constructor(appSecret: string) {
    this.key = deriveKey(appSecret, "secret-box");
  }

  /** @param place what the secret belongs to: sealed for one place it does not open at another. */
  seal(secret: string, place: string): Uint8Array<ArrayBuffer> {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.key, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
    return new Uint8Array(Buffer.concat([nonce, cipher.getAuthTag(), sealed]));
  }

  /** @returns undefined for what was sealed under another `APP_SECRET`, for another place, or changed since. */
  open(sealed: Uint8Array, place: string): string | undefined {
    const bytes = Buffer.from(sealed);
    const textStart = NONCE_BYTES + TAG_BYTES;
    try {
      const decipher = createDecipheriv(CIPHER, this.key, bytes.subarray(0, NONCE_BYTES))
        .setAAD(Buffer.from(place))
        .setAuthTag(bytes.subarray(NONCE_BYTES, textStart));
      const text = Buffer.concat([decipher.update(bytes.subarray(textStart)), decipher.final()]);
      return text.toString("utf8");
    } catch {
      return undefined;
    }
  }
}
