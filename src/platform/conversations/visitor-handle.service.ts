import { randomBytes, randomUUID } from "node:crypto";
import type { RateLimits } from "../auth/rate-limits.js";
import type { RequestContext } from "../auth/context.js";
import type { SecretBox } from "../auth/secret-box.js";
import { hashSecret, secretMatches } from "../auth/token-secret.js";
import {
  RENEWABLE_SECONDS,
  type VisitorClaims,
  type VisitorTokens,
} from "../auth/visitor-token.js";
import type { Database, Transaction } from "../database/client.js";
import type { VisitorHandle } from "../database/generated/client.js";
import { jsonObject } from "../database/json-column.js";
import { AppError, invalid, notFound } from "../errors.js";
import type { PublicWidgetService } from "../widgets/public-widget.service.js";
import { shareVisits } from "../widgets/visit-lock.js";
import type { WidgetRow } from "../widgets/widget.service.js";
import { checkUserId, withoutFeedback } from "./start-input.js";
import type { CreateHandleInput, ExchangeHandleInput } from "./visitor-handle.input.js";
import type { CreateHandlePayload, ExchangeHandlePayload } from "./visitor-handle.payload.js";
import { opens, requireOfWidget, tokenNeeded, type VisitorService } from "./visitor.service.js";

/** How long the same exchange again has the same answer: as long as an Idempotency-Key. */
const REPEAT_SECONDS = 10 * 60;
/** Within which two tabs of one browser may have read the same handle, before one has kept the next. */
const RACE_SECONDS = 10;
const SECRET_BYTES = 32;
const HANDLE = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.([\w-]{20,100})$/;
const ATTEMPT = /^[\x21-\x7e]{16,100}$/;

export interface VisitorHandleDependencies {
  readonly db: Database;
  readonly gate: PublicWidgetService;
  readonly visitors: VisitorService;
  readonly visitorTokens: VisitorTokens;
  readonly box: SecretBox;
  readonly limits: RateLimits;
  readonly now: () => Date;
}

/** What the next visitor token of a handle says, and the name that the page had given. */
interface Kept extends Pick<VisitorClaims, "userId" | "key" | "since" | "proof"> {
  readonly visitor: string | null;
}

/** A handle that is not the newest of its chain: a copy is about, and nobody knows whose is the copy. */
const USED_TWICE = Symbol("used twice");

/** What a website's page keeps where the panel can keep nothing (contract section 8). */
export class VisitorHandleService {
  constructor(private readonly deps: VisitorHandleDependencies) {}

  /**
   * A new chain, in place of the one that this visitor key had on this page's origin.
   *
   * @throws AppError `forbidden` unless the panel asks, on a page with an origin; `unauthenticated`
   * without a ticket, or a visitor token that opens the conversation; `not_found`, `invalid`.
   */
  async create(
    ctx: RequestContext,
    { widgetId, conversationId, visitor: name = null, isOver }: CreateHandleInput,
  ): Promise<CreateHandlePayload> {
    await this.deps.limits.consume("handle", ctx.clientIp, ctx);
    if (name !== null) checkUserId(name, "visitor");
    return this.deps.gate.decide(ctx, widgetId, async ({ row: widget }) => {
      const origin = await this.pageOf(ctx, widget);
      const visitor = await this.deps.visitors.read(ctx.visitorToken, widget);
      if (!visitor) throw tokenNeeded();
      const { claims, keyHash: visitorKeyHash } = visitor;
      return this.deps.db.$transaction(async (tx) => {
        if (!(await shareVisits(tx, widget))) return undefined;
        if (await tx.endedVisitorKey.findUnique({ where: { keyHash: visitorKeyHash } })) {
          return undefined;
        }
        const { organizationId } = widget;
        const where = { id: conversationId, organizationId };
        const conversation = requireOfWidget(widget, await tx.conversation.findFirst({ where }));
        if (!opens(visitor, conversation)) throw tokenNeeded();
        const [id, secret] = [randomUUID(), newSecret()];
        const expiresAt = new Date((claims.since + RENEWABLE_SECONDS) * 1000);
        const { userId, key, since, proof } = claims;
        const kept: Kept = { userId, key, since, proof, visitor: name };
        await tx.visitorHandle.deleteMany({ where: { visitorKeyHash, origin } });
        await tx.visitorHandle.create({
          data: {
            id,
            widgetId: widget.id,
            conversationId,
            isOver: isOver ?? false,
            origin,
            visitorKeyHash,
            tokenGeneration: widget.tokenGeneration,
            sealedVisitor: this.deps.box.seal(JSON.stringify(kept), place(id)),
            secretHash: hashSecret(secret),
            expiresAt,
          },
        });
        return { handle: `${id}.${secret}`, expiresAt };
      });
    });
  }

  /**
   * @throws AppError `not_found` for a handle that is not known, not of this widget and page, ended or
   * over; `conflict` for one that was exchanged a moment ago, whose page has the next; `unauthenticated`
   * for one that was used before, which ends everything of its visitor key; `forbidden` unless the
   * panel asks, on a page with an origin.
   */
  async exchange(
    ctx: RequestContext,
    { widgetId, handle, attempt }: ExchangeHandleInput,
  ): Promise<ExchangeHandlePayload> {
    await this.deps.limits.consume("handle", ctx.clientIp, ctx);
    const [, id, secret] = HANDLE.exec(handle) ?? [];
    if (!ATTEMPT.test(attempt)) {
      throw invalid({ path: "attempt", message: "Must be 16 to 100 visible ASCII characters." });
    }
    return this.deps.gate.decide(ctx, widgetId, async ({ row: widget }) => {
      const origin = await this.pageOf(ctx, widget);
      const done = await this.deps.db.$transaction(async (tx) => {
        if (!(await shareVisits(tx, widget))) return undefined;
        if (id === undefined || secret === undefined) throw notFound("Handle");
        await tx.$queryRaw`SELECT 1 FROM visitor_handles WHERE id = ${id}::uuid FOR UPDATE`;
        const row = await tx.visitorHandle.findUnique({ where: { id } });
        if (!row || !this.isOf(row, widget, origin)) throw notFound("Handle");
        const kept = this.unseal<Kept>(row.sealedVisitor, id);
        if (!kept) throw notFound("Handle");
        const next = await this.turn(tx, row, { secret, attempt });
        if (next === USED_TWICE) return { row, kept, next };
        return { kept, next, payload: await this.answer(tx, { widget, row, kept }, next) };
      });
      if (done === undefined) return undefined;
      if (done.payload) return done.payload;
      await this.deps.visitors.endKey(widget.id, done.kept.key);
      throw new AppError("unauthenticated", "The handle was used before: its visitor's key ends.");
    });
  }

  /** Forgets what is over. Safe on several instances at once. */
  async sweep(): Promise<void> {
    await this.deps.db.visitorHandle.deleteMany({ where: { expiresAt: { lt: this.deps.now() } } });
  }

  /** The origin of the page that the panel stands in. */
  private async pageOf(ctx: RequestContext, widget: WidgetRow): Promise<string> {
    this.deps.gate.requireOwnPage(ctx);
    const ticket = await this.deps.gate.readTicket(ctx, widget);
    if (!ticket) throw new AppError("unauthenticated", "A handle needs an embed ticket.");
    if (ticket.origin !== undefined && ticket.origin !== "null") return ticket.origin;
    throw new AppError("forbidden", "A page without an origin keeps no handle.");
  }

  private isOf(row: VisitorHandle, widget: WidgetRow, origin: string): boolean {
    return (
      row.widgetId === widget.id &&
      row.origin === origin &&
      row.tokenGeneration === widget.tokenGeneration &&
      row.expiresAt > this.deps.now()
    );
  }

  /**
   * @returns the secret of the next handle.
   * @throws AppError `conflict`
   */
  private async turn(
    tx: Transaction,
    row: VisitorHandle,
    { secret, attempt }: { secret: string; attempt: string },
  ): Promise<string | typeof USED_TWICE> {
    const { id, spentHash, attemptHash, sealedSecret, spentAt } = row;
    if (secretMatches(secret, row.secretHash)) {
      const next = newSecret();
      await tx.visitorHandle.update({
        where: { id },
        data: {
          secretHash: hashSecret(next),
          spentHash: row.secretHash,
          attemptHash: hashSecret(attempt),
          sealedSecret: this.deps.box.seal(JSON.stringify(next), place(id)),
          spentAt: this.deps.now(),
        },
      });
      return next;
    }
    if (!spentHash || !attemptHash || !sealedSecret || !spentAt) return USED_TWICE;
    const age = (this.deps.now().getTime() - spentAt.getTime()) / 1000;
    if (!secretMatches(secret, spentHash)) return USED_TWICE;
    if (age <= REPEAT_SECONDS && secretMatches(attempt, attemptHash)) {
      return this.unseal<string>(sealedSecret, id) ?? USED_TWICE;
    }
    if (age > RACE_SECONDS) return USED_TWICE;
    throw new AppError("conflict", "The handle was exchanged a moment ago. Read it again.");
  }

  private async answer(
    tx: Transaction,
    { widget, row, kept }: { widget: WidgetRow; row: VisitorHandle; kept: Kept },
    secret: string,
  ): Promise<ExchangeHandlePayload> {
    const { customMetadata } = await tx.conversation.findUniqueOrThrow({
      where: { id: row.conversationId },
      select: { customMetadata: true },
    });
    const { visitor, ...claims } = kept;
    return {
      handle: `${row.id}.${secret}`,
      expiresAt: row.expiresAt,
      visitorToken: this.deps.visitorTokens.issue({
        ...claims,
        widgetId: widget.id,
        generation: widget.tokenGeneration,
      }),
      conversationId: row.conversationId,
      isOver: row.isOver,
      userId: kept.userId,
      visitor,
      customMetadata: withoutFeedback(jsonObject(customMetadata)),
    };
  }

  /** @returns undefined after a change of APP_SECRET. */
  private unseal<T>(sealed: Uint8Array, id: string): T | undefined {
    const text = this.deps.box.open(sealed, place(id));
    // Only what was sealed here opens here.
    return text === undefined ? undefined : (JSON.parse(text) as T);
  }
}

function newSecret(): string {
  return randomBytes(SECRET_BYTES).toString("base64url");
}

function place(id: string): string {
  return `visitor-handle:${id}`;
}
