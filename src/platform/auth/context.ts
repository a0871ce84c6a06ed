import type { Actor } from "./actor.js";
import type { Purpose } from "./credentials.service.js";
import type { QuotaListener } from "./rate-limits.js";
import type { Session } from "./sessions.service.js";
import type { AuditVia } from "../database/enums.js";
import type { Loaders } from "../database/loaders.js";

/** The ways to the one schema; the console's is GraphQL by its cookie. */
type Door = Exclude<AuditVia, "command_line">;

/** What a request brings, the same for both doors. Services know this and nothing of HTTP. */
export interface RequestContext extends QuotaListener {
  readonly requestId: string;
  /** The client's address, after `TRUST_PROXY`. */
  readonly clientIp: string;
  /** The `Origin` header; our own origin when the browser says `Sec-Fetch-Site: same-origin` without one. */
  readonly origin: string | undefined;
  /** Of the trace that began with it, where traces are kept. */
  readonly traceparent?: string | undefined;
  /** `X-Visitor-Token`. */
  readonly visitorToken: string | undefined;
  /** `X-Embed-Ticket`. */
  readonly embedTicket: string | undefined;
  /** `Idempotency-Key`. */
  readonly idempotencyKey: string | undefined;
  /** The bearer token of `Authorization`, for routes with credentials of their own. */
  readonly bearer: string | undefined;
  /** Whether it shows an owner's credential, of whatever worth. */
  readonly hasCredential: boolean;
  /**
   * The console's session of a person, where it counts: asked for once, whatever is done with it.
   *
   * @throws AppError `rate_limited` after too many unknown ones from one address.
   */
  session(): Promise<Session | undefined>;
  /**
   * Authenticates at the first call and remembers the answer: public fields never ask.
   *
   * @param purpose a read unless it is said: see `CredentialsService`.
   * @throws AppError `unauthenticated` | `forbidden` | `rate_limited`; `bad_request` for a session without an organization
   */
  actor(purpose?: Purpose): Promise<Actor>;
  /** The same caller, of whom nothing is remembered: what lasts longer than a request asks again. */
  again(): RequestContext;
  /** By which it came. */
  door: Door;
  /** Exchanged before an operation whose parts must see each other's changes. */
  loaders: Loaders;
}
