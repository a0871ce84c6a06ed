import { randomUUID } from "node:crypto";
import type { Quota, RateLimits } from "../auth/rate-limits.js";
import type { SignedTokens } from "../auth/signed-token.js";
import type { Config } from "../config.js";
import type { AgentConfig } from "../../protocol/agent-config.js";
import type { RequestContext } from "../auth/context.js";
import { AppError, notFound } from "../errors.js";
import type { LiveWidget, LiveWidgets } from "./live-widgets.service.js";
import { askedConsent } from "./widget-consent.js";
import type { WidgetRow } from "./widget.service.js";
import type { WidgetConsent } from "./widget.type.js";

const TICKET_SECONDS = 60;
const MAX_ATTEMPTS = 5;

/** Lets a page on one of the widget's origins start one bound conversation within a minute. */
export interface EmbedTicket {
  readonly ticket: string;
  readonly expiresAt: Date;
}

/** What a ticket says of the page that it was made for. */
export interface TicketClaims {
  /** Kept with the conversation that the ticket starts, so that it works once. */
  readonly id: string;
  /** The page's true origin; `null` is a page that has none, undefined a program. */
  readonly origin: string | undefined;
}

export interface PublicWidgetDependencies {
  readonly live: LiveWidgets;
  readonly tokens: SignedTokens;
  readonly limits: RateLimits;
  /** The platform's own origins, which may embed any widget. */
  readonly own: ReadonlySet<string>;
  readonly now: () => Date;
}

/** The gate in front of everything that a visitor calls: two publications and the Origin rule (contract section 5). */
export class PublicWidgetService {
  constructor(private readonly deps: PublicWidgetDependencies) {}

  /**
   * @throws AppError `not_found` for an unknown, unpublished or deleted widget alike, `forbidden`
   * when the caller's origin may not embed it.
   */
  async open(ctx: RequestContext, id: string): Promise<LiveWidget> {
    const widget = await this.deps.live.find(id);
    if (!widget) throw notFound("Widget");
    this.checkOrigin(widget.row, ctx.origin);
    return widget;
  }

  /**
   * For a write: what it is decided by may be a second old, so its own statement asks whether it still
   * is so, and it is decided anew where it is not.
   *
   * @param write gives undefined when what it was decided by has changed; `isFresh` says that this is
   * not the first time.
   * @throws AppError as `open`; `unavailable` when the widget changes without a pause.
   */
  async decide<T>(
    ctx: RequestContext,
    id: string,
    write: (widget: LiveWidget, isFresh: boolean) => Promise<T | undefined>,
  ): Promise<T> {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (attempt > 0) this.deps.live.forget(id);
      const done = await write(await this.open(ctx, id), attempt > 0);
      if (done !== undefined) return done;
    }
    throw new AppError("unavailable", "The widget is being changed. Try again.", {
      retryAfterSeconds: 1,
    });
  }

  /** The live widget itself, for whoever asks. @throws AppError as `open`; `rate_limited`. */
  async read(ctx: RequestContext, id: string): Promise<WidgetRow> {
    await this.deps.limits.consume("public_widget", ctx.clientIp, ctx);
    return (await this.open(ctx, id)).row;
  }

  /** What its visitors are asked to agree to. @throws AppError as `read`. */
  async consent(
    ctx: RequestContext,
    id: string,
    wanted: string | undefined,
  ): Promise<WidgetConsent> {
    const { config } = await this.read(ctx, id);
    const { required, version, wordsIn } = askedConsent(config);
    const { language, text, sha256 } = wordsIn(wanted);
    return { required, version, language, text, textSha256: sha256 };
  }

  /** What `read` would give a page of this origin, if it is in memory and nothing stands in the way. Counts nothing. */
  glance(origin: string | undefined, id: string): WidgetRow | undefined {
    const row = this.deps.live.peek(id)?.row;
    return row && whyKeptOut(row, origin, this.deps.own) === undefined ? row : undefined;
  }

  /** Counts a page view; a client that has none left gets no answer from memory. */
  count(clientIp: string): Quota | Promise<Quota> {
    return this.deps.limits.count("public_widget", clientIp);
  }

  /** The live widget of a panel's page, without the origin check. @throws AppError `rate_limited`. */
  async readForPanel(ctx: RequestContext, id: string): Promise<WidgetRow | undefined> {
    await this.deps.limits.consume("public_widget", ctx.clientIp, ctx);
    return (await this.deps.live.find(id))?.row;
  }

  /** The agent version's own quick actions, for a widget that has none. */
  async quickActions(widget: WidgetRow): Promise<readonly object[]> {
    return (await this.deps.live.find(widget.id))?.version.config.quick_actions ?? [];
  }

  /** What the agent version may be shown. */
  async vision(widget: WidgetRow): Promise<AgentConfig["vision"]> {
    return (await this.deps.live.find(widget.id))?.version.config.vision;
  }

  /** A ticket for the caller's true `Origin`, which a page's script cannot choose. */
  async createTicket(ctx: RequestContext, id: string): Promise<EmbedTicket> {
    await this.deps.limits.consume("ticket", ctx.clientIp, ctx);
    const { row: widget } = await this.open(ctx, id);
    const expiresAt = Math.floor(this.deps.now().getTime() / 1000) + TICKET_SECONDS;
    const claims = { w: widget.id, o: ctx.origin ?? null, jti: randomUUID() };
    const ticket = this.deps.tokens.sign("embed-ticket", claims, expiresAt);
    return { ticket, expiresAt: new Date(expiresAt * 1000) };
  }

  /** For what the panel alone may ask. @throws AppError `forbidden` for a page that is not ours, and for a program. */
  requireOwnPage(ctx: RequestContext): void {
    if (ctx.origin !== undefined && this.deps.own.has(ctx.origin)) return;
    throw new AppError("forbidden", "Only the panel's own page may ask this.");
  }

  /**
   * Checks the ticket that a request carries, if it does.
   *
   * @returns undefined without a ticket.
   * @throws AppError `unauthenticated` for a ticket that is not ours, not this widget's or over.
   */
  async readTicket(ctx: RequestContext, widget: WidgetRow): Promise<TicketClaims | undefined> {
    if (ctx.embedTicket === undefined) return undefined;
    const claims = this.deps.tokens.verify("embed-ticket", ctx.embedTicket);
    const { o, jti, w: widgetId } = claims ?? {};
    const origin = typeof o === "string" ? o : undefined;
    if (typeof jti !== "string" || widgetId !== widget.id) {
      throw new AppError("unauthenticated", "The embed ticket is invalid or expired.");
    }
    // `domains` may have changed since the ticket was issued.
    this.checkOrigin(widget, origin);
    return { id: jti, origin };
  }

  private checkOrigin(widget: WidgetRow, origin: string | undefined): void {
    const reason = whyKeptOut(widget, origin, this.deps.own);
    if (reason !== undefined) throw new AppError("forbidden", reason);
  }
}

/** The Origin rule (contract section 5). @returns undefined for a page that may embed the widget. */
function whyKeptOut(
  { strict, domains }: WidgetRow,
  origin: string | undefined,
  own: ReadonlySet<string>,
): string | undefined {
  if (origin === undefined) return strict ? "This widget is only for its own websites." : undefined;
  if (domains.length === 0 || own.has(origin) || domains.includes(origin)) return undefined;
  return "This website is not among the widget's domains.";
}

/**
 * Which origins are the platform's own: `PUBLIC_URL`'s and, outside production, the loopback names
 * on the same port. Never the Host header, which the caller chooses.
 */
export function ownOrigins({
  publicUrl,
  isProduction,
}: Pick<Config, "publicUrl" | "isProduction">): ReadonlySet<string> {
  const { origin, protocol, port } = new URL(publicUrl);
  if (isProduction) return new Set([origin]);
  const suffix = port === "" ? "" : `:${port}`;
  return new Set([
    origin,
    ...["localhost", "127.0.0.1", "[::1]"].map((host) => `${protocol}//${host}${suffix}`),
  ]);
}
