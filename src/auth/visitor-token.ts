import type { SignedTokens } from "./signed-token.js";

const LIFETIME_SECONDS = 24 * 60 * 60;
const RENEWABLE_SECONDS = 30 * 24 * 60 * 60;

/** What a visitor token says (contract section 5). */
export interface VisitorClaims {
  readonly widgetId: string;
  readonly userId: string;
  readonly conversationId: string;
  /** The widget's token generation at the time; a later one ends the token. */
  readonly generation: number;
  /** Seconds since the epoch of the first token in this chain of renewals. */
  readonly since: number;
  /** False for a resume by name alone: anybody can name a visitor, so such a token opens no messages. */
  readonly opensMessages: boolean;
}

/** Makes, renews and reads visitor tokens. */
export class VisitorTokens {
  constructor(
    private readonly tokens: SignedTokens,
    private readonly now: () => Date,
  ) {}

  /** @param claims those of an earlier token keep their `since`, so that renewing ends after 30 days. */
  issue(claims: Omit<VisitorClaims, "since"> & { since?: number | undefined }): Promise<string> {
    const now = Math.floor(this.now().getTime() / 1000);
    const since = claims.since ?? now;
    const payload = {
      w: claims.widgetId,
      u: claims.userId,
      c: claims.conversationId,
      g: claims.generation,
      s: since,
      m: claims.opensMessages,
    };
    return this.tokens.sign(
      "visitor",
      payload,
      Math.min(now + LIFETIME_SECONDS, since + RENEWABLE_SECONDS),
    );
  }

  /** @returns undefined unless the token is ours, unexpired, and of this widget and generation. */
  async read(
    token: string | undefined,
    widget: { id: string; tokenGeneration: number },
  ): Promise<VisitorClaims | undefined> {
    if (token === undefined) return undefined;
    const claims = await this.tokens.verify("visitor", token);
    if (!claims) return undefined;
    const { w, u, c, g, s, m } = claims;
    if (w !== widget.id || g !== widget.tokenGeneration) return undefined;
    if (typeof u !== "string" || typeof c !== "string" || typeof s !== "number") return undefined;
    return {
      widgetId: widget.id,
      userId: u,
      conversationId: c,
      generation: widget.tokenGeneration,
      since: s,
      opensMessages: m === true,
    };
  }
}
