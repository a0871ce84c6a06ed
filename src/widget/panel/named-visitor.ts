import { logError } from "../log-error.js";
import { IDENTITY_LIMITS } from "../../protocol/limits.js";
import type { Identity } from "../../protocol/panel-messages.js";
import type { Fields } from "../../protocol/read.js";
import { readClaims } from "./identity-token.js";
import type { ParentLink } from "./parent-link.js";
import { STRINGS } from "./strings.js";

/** The platform takes a token as good for so long after its end: time for a fresh one. */
const LEEWAY_MS = IDENTITY_LIMITS.leewaySeconds * 1000;
/** The platform takes none that ends later. */
const LONGEST_MS = IDENTITY_LIMITS.longestSeconds * 1000;

/**
 * Whom the page names, and the token by which its own server vouches for them. Nothing of it is ever stored. The
 * visitor token that a start answers remembers the proof, so that an identity token is needed for one start only.
 */
export class NamedVisitor {
  readonly #parent: ParentLink;
  #identity: Identity | undefined;
  /** The token that was used, or refused: a page may say the same again at each of its steps. */
  #spent: string | undefined;
  #expiry: ReturnType<typeof setTimeout> | undefined;

  constructor(parent: ParentLink) {
    this.#parent = parent;
  }

  get userId(): string | undefined {
    return this.#identity?.userId;
  }

  get metadata(): Fields | undefined {
    return this.#identity?.metadata;
  }

  name(identity: Identity): void {
    if (identity.userId !== this.userId) this.forget();
    const { token = this.#identity?.token } = identity;
    const isNew = token !== this.#spent && token !== this.#identity?.token;
    this.#identity = { ...identity, token: token === this.#spent ? undefined : token };
    if (isNew && token !== undefined) this.#watch(token, identity.userId);
  }

  /** @returns nothing for a conversation that began under another name: the platform would refuse the token. */
  tokenFor(userId: string): string | undefined {
    return this.userId === userId ? this.#identity?.token : undefined;
  }

  accepted(token: string | undefined): void {
    if (token !== undefined) this.#spend(token);
  }

  /** The visit goes on without it: the visitor cannot help it, the site's developers can. */
  refused(token: string, cause: unknown): void {
    this.#spend(token);
    clearTimeout(this.#expiry);
    logError("The token given to identify was refused:", cause);
    this.#tell("error", { code: "identity_refused", message: STRINGS.identityRefused });
  }

  forget(): void {
    clearTimeout(this.#expiry);
    this.#identity = undefined;
    this.#spent = undefined;
  }

  #spend(token: string): void {
    this.#spent = token;
    if (this.#identity?.token === token) this.#identity = { ...this.#identity, token: undefined };
  }

  /** A browser's clock that is ahead makes no endless loop with a page that answers with the next token. */
  #watch(token: string, userId: string): void {
    clearTimeout(this.#expiry);
    const left = (readClaims(token)?.expiresAt ?? 0) - Date.now();
    const delay = Math.min(Math.max(left, LEEWAY_MS), LONGEST_MS);
    this.#expiry = setTimeout(() => this.#tell("identity_expired", { userId }), delay);
  }

  #tell(name: "error" | "identity_expired", detail: Fields): void {
    this.#parent.tell({ type: "event", name, detail });
  }
}
