import { execute, type GraphQLInputObjectType, type GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { RequestContext } from "../auth/context.js";
import { hasScope } from "../auth/require-scope.js";
import { AppError, invalid, notFound, type FieldError } from "../errors.js";
import { checkVariables } from "../graphql/check-input.js";
import { toAppError } from "../graphql/format-error.js";
import { jsonReply, type HotCall } from "../http/hot-calls.js";
import { restName } from "../http/rest-name.js";
import type { CompiledRoute } from "./compile-route.js";
import { alternativesOf, fromQuery, inputFromRest, toRest } from "./shape.js";
import { checkTelephony, givenTelephony, refuseTelephony } from "./telephony.js";

/** What an id in a path names, by the part before it. */
const ENTITIES: Readonly<Record<string, string>> = {
  "web-widgets": "Widget",
  agents: "Agent",
  versions: "Agent version",
  conversations: "Conversation",
};
const NO_QUERY = new URLSearchParams();
/** What a filter for telephony finds. */
const NOTHING = { nodes: [], pageInfo: { hasNextPage: false } };

/** What a caller gives to a route. */
interface Given {
  readonly params: Readonly<Record<string, string | string[]>>;
  readonly query: URLSearchParams;
  /** Undefined: none. */
  readonly body: unknown;
}

/**
 * Runs a route's operation.
 *
 * @returns what it answers, in GraphQL's spelling.
 * @throws AppError, in the spelling of this door.
 */
export async function runRoute(
  compiled: CompiledRoute,
  ctx: RequestContext,
  given: Given,
  { schema, log }: { schema: GraphQLSchema; log: Logger },
): Promise<unknown> {
  ctx.door = "rest";
  const variableValues = await readVariables(compiled, ctx, given);
  const { telephony } = compiled.route;
  const { errors, coerced } = checkVariables(schema, compiled.operation, variableValues);
  const wrong = [
    ...errors.map((one) => flat(compiled, one)),
    ...(telephony ? checkTelephony(telephony, variableValues) : []),
  ];
  throwForPath(compiled, wrong);
  if (wrong.length > 0) throw invalid(...wrong);
  const number = telephony && givenTelephony(telephony, variableValues);
  if (number !== undefined && !compiled.isList) throw refuseTelephony(number);
  const result =
    (await compiled.plan?.(ctx, variableValues, coerced)) ??
    (await execute({ schema, document: compiled.document, variableValues, contextValue: ctx }));
  const [error] = result.errors ?? [];
  if (error) {
    const refusal = toAppError(error, ctx.requestId, log);
    throw refusal.fields ? invalid(...refusal.fields.map((one) => flat(compiled, one))) : refusal;
  }
  if (number !== undefined) return NOTHING;
  return compiled.answered.reduce<unknown>(
    (whole, name) => Reflect.get(Object(whole), name),
    result.data,
  );
}

/** As REST answers in front of Express: a route without a query, with one thing or none in its answer. */
export function hotAnswer(
  compiled: CompiledRoute,
  deps: { schema: GraphQLSchema; log: Logger },
): HotCall["answer"] {
  return async (ctx, body, params) => {
    const value = await runRoute(compiled, ctx, { params, body, query: NO_QUERY }, deps);
    return jsonReply(toRest(value, compiled.shape));
  };
}

async function readVariables(
  compiled: CompiledRoute,
  ctx: RequestContext,
  given: Given,
): Promise<Record<string, unknown>> {
  const { body } = compiled;
  if (given.body === undefined && body?.required) {
    throw new AppError("bad_request", "This needs a JSON body.");
  }
  const input = body ? readBody(body.type, given.body) : {};
  const { telephony } = compiled.route;
  const apart = body && telephony ? readBody(telephony, given.body) : {};
  const values: Record<string, unknown> = body ? { ...apart, input } : {};
  for (const variable of compiled.variables) {
    const value = await readVariable(variable, { compiled, ctx, given });
    // What the path names is not read from the body, though a client may send back what it has read.
    if (value !== undefined) (variable.inInput ? input : values)[variable.name] = value;
  }
  Object.assign(input, compiled.route.given);
  return values;
}

function readBody(type: GraphQLInputObjectType, given: unknown): Record<string, unknown> {
  const body: unknown = given === undefined ? {} : given;
  requireObject(body);
  return inputFromRest(body, type);
}

async function readVariable(
  variable: CompiledRoute["variables"][number],
  from: {
    compiled: CompiledRoute;
    ctx: RequestContext;
    given: Given;
  },
): Promise<unknown> {
  switch (variable.source) {
    case "path":
      return from.given.params[variable.restName];
    case "flag":
      return hasScope(await from.ctx.actor(), from.compiled.route.flags?.[variable.name] ?? []);
    case "query": {
      const values = from.given.query.getAll(variable.restName);
      if (values.length > 1)
        throw invalid({ path: variable.restName, message: "Is given more than once." });
      const [text] = values;
      if (text === "")
        throw invalid({ path: variable.restName, message: "Is empty.", rule: "required" });
      return text === undefined ? undefined : fromQuery(text, variable.type);
    }
  }
}

/** A body has the fields of alternatives beside the others, so an error names those. */
function flat({ body }: CompiledRoute, error: FieldError): FieldError {
  const [first = "", ...rest] = error.path.split(".");
  const field = body?.type.getFields()[first];
  const alternatives = field && alternativesOf(field);
  if (!alternatives) return error;
  if (rest.length > 0) return { ...error, path: rest.join(".") };
  const names = Object.keys(alternatives.getFields());
  const [path = first] = names;
  return { path, message: `Give exactly one of ${names.map(restName).join(" and ")}.` };
}

function requireObject(body: unknown): asserts body is object {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    throw new AppError("bad_request", "The body must be a JSON object.");
  }
  if (Object.hasOwn(body, "__proto__")) {
    throw invalid({ path: "__proto__", message: "This key is not allowed." });
  }
}

/** A malformed id in a path is answered as an unknown one. */
function throwForPath({ route, variables }: CompiledRoute, wrong: readonly FieldError[]): void {
  const bad = variables.find(
    (variable) => variable.source === "path" && wrong.some((error) => error.path === variable.name),
  );
  if (!bad) return;
  const parts = route.path.split("/");
  const collection = parts[parts.indexOf(`{${bad.restName}}`) - 1] ?? "";
  throw notFound(ENTITIES[collection] ?? "Resource");
}
