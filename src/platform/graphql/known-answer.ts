import type { Logger } from "pino";
import type { RequestContext } from "../auth/context.js";
import type { KnownOperations } from "./known-operations.js";
import { formatted, whyRefused } from "./refusals.js";

/** What is asked of Apollo, and nothing besides. */
interface Asked {
  readonly query: string;
  readonly name: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * Answers a query that Apollo has answered before, by the same checks and the same plan: Apollo's own
 * way to them is as long as all the rest of a small query.
 *
 * @param body of the request.
 * @returns undefined for whatever is new, refused or out of the ordinary: nothing was done for it.
 */
export async function knownAnswer(
  operations: KnownOperations,
  ctx: RequestContext,
  body: unknown,
  log: Logger,
): Promise<{ text: string; headers: ReadonlyMap<string, string> } | undefined> {
  const asked = readAsked(body);
  if (!asked) return undefined;
  const known = operations.find(asked.query, asked.name);
  if (!known?.plan) return undefined;
  // Apollo finds the same again, and says it.
  const why = await whyRefused(operations.schema, known, ctx, asked.variables).catch(toError);
  if (why) return undefined;
  const result = await known.plan(ctx, asked.variables);
  if (!result) return undefined;
  const headers = new Map<string, string>();
  const { errors, data } = result;
  const { document } = known;
  const answer = errors
    ? { errors: formatted(errors, { contextValue: ctx, log, document, headers }), data }
    : { data };
  // Apollo ends its answers with a line break.
  return { text: `${JSON.stringify(answer)}\n`, headers };
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function readAsked(body: unknown): Asked | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  let [query, name, variables]: unknown[] = [];
  for (const [key, value] of Object.entries(body)) {
    if (key === "query") query = value;
    else if (key === "operationName") name = value ?? undefined;
    else if (key === "variables") variables = value ?? undefined;
    else return undefined;
  }
  if (typeof query !== "string" || query === "" || name === "") return undefined;
  if (name !== undefined && typeof name !== "string") return undefined;
  if (variables === undefined) return { query, name, variables: {} };
  if (typeof variables !== "object" || variables === null || Array.isArray(variables)) {
    return undefined;
  }
  return { query, name, variables: { ...variables } };
}
