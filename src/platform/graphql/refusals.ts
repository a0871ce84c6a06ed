import {
  GraphQLError,
  type DocumentNode,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from "graphql";
import type { Logger } from "pino";
import type { RequestContext } from "../auth/context.js";
import { AppError, fieldSentence } from "../errors.js";
import { checkVariables } from "./check-input.js";
import { whyTooLarge } from "./document-size.js";
import { formatGraphQLError } from "./format-error.js";
import type { KnownOperation } from "./known-operations.js";

/**
 * Whether an operation may run with these variables.
 *
 * @returns why not: a value that is wrong, by its field, or that it would cost too much.
 * @throws GraphQLError for an argument that is wrong only now.
 */
export async function whyRefused(
  schema: GraphQLSchema,
  known: KnownOperation,
  ctx: RequestContext,
  variables: Readonly<Record<string, unknown>>,
): Promise<GraphQLError | undefined> {
  const { errors: wrong } = checkVariables(schema, known.operation, variables);
  const errors = [...known.literalErrors, ...wrong];
  const [first] = errors;
  if (first) return refusal(fieldSentence(first), { code: "BAD_USER_INPUT", errors });
  const size = known.size(variables);
  const forAnybody = whyTooLarge(size, false);
  if (forAnybody === undefined) return undefined;
  // Who asks is looked up only where a credential would make a difference.
  const reason = whyTooLarge(size, true) ?? ((await hasCredential(ctx)) ? undefined : forAnybody);
  return reason === undefined ? undefined : refusal(reason, { code: "QUERY_TOO_LARGE" });
}

async function hasCredential(ctx: RequestContext): Promise<boolean> {
  if (!ctx.hasCredential) return false;
  try {
    await ctx.actor();
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}

function refusal(message: string, extensions: Record<string, unknown>): GraphQLError {
  return new GraphQLError(message, { extensions: { ...extensions, http: { status: 400 } } });
}

/** Errors as they are answered; when to come again stands in a header, too. */
export function formatted(
  errors: readonly GraphQLError[],
  {
    contextValue,
    log,
    document,
    headers,
  }: {
    contextValue: RequestContext;
    log: Logger;
    document: DocumentNode | undefined;
    headers: { set(name: string, value: string): unknown };
  },
): GraphQLFormattedError[] {
  const all = errors.map((error) =>
    formatGraphQLError(error, contextValue.requestId, log, document),
  );
  const retryAfter = all.find((error) => error.extensions?.["retryAfter"]);
  if (retryAfter) headers.set("retry-after", String(retryAfter.extensions?.["retryAfter"]));
  return all;
}
