import type { ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Request, RequestHandler } from "express";
import {
  getOperationAST,
  GraphQLError,
  OperationTypeNode,
  parse,
  validate,
  type DocumentNode,
  type GraphQLFormattedError,
} from "graphql";
import { createHandler, type OperationArgs, type RequestParams, type Response } from "graphql-sse";
import type { Logger } from "pino";
import type { RequestContext } from "../auth/context.js";
import { AppError, errorCode } from "../errors.js";
import { MAX_TOKENS, requireShortDocument } from "../graphql/document-shape.js";
import type { KnownOperations } from "../graphql/known-operations.js";
import { formatted, whyRefused } from "../graphql/refusals.js";
import { contextOf } from "./request-context.js";

/** Where subscriptions are answered, below the public path. */
export const STREAM_PATH = "/graphql/stream";
const EVENT_STREAM = "text/event-stream";
const RETRY_SECONDS = 5;

/** How many streams may be open at a time. */
export interface StreamLimits {
  readonly perCredential: number;
  readonly inAll: number;
}

const STREAM_LIMITS: StreamLimits = { perCredential: 20, inAll: 500 };

interface Open {
  readonly credential: string;
  end(): void;
}

/** The context of one stream, in the one shape that graphql-sse passes on. */
type StreamContext = { readonly ctx: RequestContext; document?: DocumentNode };

/**
 * GraphQL subscriptions as server-sent events, one a connection: the document passes the same checks as
 * at the other door. A credential comes first, and each has a few streams.
 */
export class EventStreams {
  private readonly open = new Set<Open>();
  private isClosing = false;
  private readonly serve = createHandler<Request, StreamContext, StreamContext>({
    // One operation a connection: streams that several requests share would outlive their credential.
    authenticate: () => null,
    context: ({ context }) => context,
    onSubscribe: ({ context }, params) => this.prepare(context, params),
    // `prepare` has done it.
    validate: () => [],
    onNext: (_context, { context }, result) =>
      result.errors && asAnswered(result, this.told(result.errors, context)),
  });

  constructor(
    private readonly operations: KnownOperations,
    private readonly log: Logger,
    private readonly limits: StreamLimits = STREAM_LIMITS,
  ) {}

  get count(): number {
    return this.open.size;
  }

  /** Ends every stream, without a word that it is complete: clients come again, elsewhere. */
  close(): void {
    this.isClosing = true;
    for (const { end } of this.open) end();
  }

  /** @param begun hears of each request that goes on as a stream. */
  handler(begun: (req: Request) => void): RequestHandler {
    return async (req, res) => {
      if (!req.accepts(EVENT_STREAM)) {
        throw new AppError("bad_request", `Subscriptions are answered as ${EVENT_STREAM} alone.`);
      }
      const ctx = contextOf(req);
      const { id } = await ctx.actor();
      if (res.closed) return;
      const place = this.take(id);
      res.once("close", () => this.open.delete(place));
      const [body, { status }] = await this.serve({
        method: req.method,
        url: req.url,
        headers: { get: (name) => (name === "accept" ? EVENT_STREAM : req.get(name)) },
        body: req.body as Record<string, unknown>,
        raw: req,
        context: { ctx },
      });
      if (body === null || typeof body === "string") {
        this.open.delete(place);
        return void res.status(status).type("json").send(body);
      }
      place.end = () => void body.return();
      if (this.isClosing) place.end();
      begun(req);
      // Whoever goes away ends it: that is no failure.
      await send(body, res).catch((error: unknown) => {
        if (errorCode(error) === "ERR_STREAM_PREMATURE_CLOSE") return;
        this.log.error({ err: error, requestId: ctx.requestId }, "a stream broke off");
      });
    };
  }

  /** @throws AppError `rate_limited`, `unavailable`. */
  private take(credential: string): Open {
    const retry = { retryAfterSeconds: RETRY_SECONDS };
    if (this.isClosing || this.open.size >= this.limits.inAll) {
      throw new AppError("unavailable", "No more streams can be opened here now.", retry);
    }
    const own = [...this.open].filter((one) => one.credential === credential);
    if (own.length >= this.limits.perCredential) {
      throw new AppError("rate_limited", "This credential has too many streams open.", retry);
    }
    const place = { credential, end: (): void => {} };
    this.open.add(place);
    return place;
  }

  private async prepare(
    context: StreamContext,
    { query, operationName, variables }: RequestParams,
  ): Promise<Response | OperationArgs<StreamContext>> {
    const { schema } = this.operations;
    try {
      requireShortDocument(query);
      const document = parse(query, { maxTokens: MAX_TOKENS });
      context.document = document;
      const wrong = validate(schema, document);
      if (wrong.length > 0) return this.refuse(wrong, context);
      const operation = getOperationAST(document, operationName);
      if (operation?.operation !== OperationTypeNode.SUBSCRIPTION) {
        const why = "One subscription is answered here, and nothing else.";
        const error = new GraphQLError(why, { extensions: { code: "BAD_REQUEST" } });
        return this.refuse([error], context);
      }
      const known = this.operations.of(document, operation);
      const variableValues = { ...variables };
      const why = await whyRefused(schema, known, context.ctx, variableValues);
      if (why) return this.refuse([why], context);
      // Resolvers know a request's context, and nothing of streams.
      const contextValue = context.ctx as unknown as StreamContext;
      return { schema, document, operationName, variableValues, contextValue };
    } catch (error) {
      if (error instanceof GraphQLError) return this.refuse([error], context);
      throw error;
    }
  }

  private refuse(errors: readonly GraphQLError[], context: StreamContext): Response {
    const answer = JSON.stringify({ errors: this.told(errors, context) });
    return [answer, { status: 400, statusText: "Bad Request" }];
  }

  private told(
    errors: readonly GraphQLError[],
    { ctx, document }: StreamContext,
  ): ReturnType<typeof formatted> {
    const headers = { set: () => undefined };
    return formatted(errors, { contextValue: ctx, log: this.log, document, headers });
  }
}

/** A result is written out as JSON alone, in which an error is what was formatted. */
function asAnswered<T extends { readonly errors?: readonly GraphQLError[] }>(
  result: T,
  errors: readonly GraphQLFormattedError[],
): T {
  return { ...result, errors: errors as readonly unknown[] as readonly GraphQLError[] };
}

async function send(body: AsyncGenerator<string, void>, res: ServerResponse): Promise<void> {
  res.writeHead(200, {
    "Content-Type": `${EVENT_STREAM}; charset=utf-8`,
    // A proxy that gathers an answer would keep the events to itself.
    "X-Accel-Buffering": "no",
  });
  res.flushHeaders();
  await pipeline(Readable.from(body, { objectMode: true, highWaterMark: 1 }), res);
}
