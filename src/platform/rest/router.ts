import { Router, type Request, type RequestHandler, type Response } from "express";
import { execute, type GraphQLInputObjectType, type GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { hasScope, requireScope } from "../auth/require-scope.js";
import type { RequestContext } from "../auth/context.js";
import { encodeRestCursor } from "../database/paging.js";
import { AppError, invalid, notFound, type FieldError } from "../errors.js";
import { checkVariables } from "../graphql/check-input.js";
import { toAppError } from "../graphql/format-error.js";
import { restName } from "../http/rest-name.js";
import { jsonBody } from "../http/json-body.js";
import { refuseOtherMethods } from "../http/methods.js";
import { contextOf } from "../http/request-context.js";
import { compileRoute, type CompiledRoute } from "./compile-route.js";
import { ROUTES } from "./routes.js";
import { alternativesOf, fromQuery, inputFromRest, toRest } from "./shape.js";
import { checkTelephony, givenTelephony, refuseTelephony } from "./telephony.js";

export const ADMIN_BODY = "1mb";
/** What a stranger may send. */
export const PUBLIC_BODY_KB = 64;

/** What an id in a path names, by the part before it. */
const ENTITIES: Readonly<Record<string, string>> = {
  "web-widgets": "Widget",
  agents: "Agent",
  versions: "Agent version",
  conversations: "Conversation",
};

/** The documented `/core/...` paths over the GraphQL schema. */
export function createRestRouter(
  schema: GraphQLSchema,
  { publicPath, log }: { publicPath: string; log: Logger },
): Router {
  const router = Router({ caseSensitive: true, strict: false });
  for (const route of ROUTES) {
    const compiled = compileRoute(schema, route);
    const path = route.path.replace(/\{(\w+)\}/g, ":$1");
    const handlers: RequestHandler[] = [authorize(compiled)];
    if (route.method !== "GET" && route.method !== "DELETE") {
      handlers.push(jsonBody(route.scopes ? ADMIN_BODY : `${PUBLIC_BODY_KB}kb`));
    }
    handlers.push((req, res) => run(compiled, req, res, { schema, publicPath, log }));
    router[methodName(route.method)](path, ...handlers);
  }
  return refuseOtherMethods(router);
}

/** Before the body is read: who may not call learns nothing about what would be wrong with it. */
function authorize({ route }: CompiledRoute): RequestHandler {
  const { scopes } = route;
  if (!scopes) return (_req, _res, next) => next();
  return async (req, _res, next) => {
    await requireScope(contextOf(req), scopes);
    next();
  };
}

async function run(
  compiled: CompiledRoute,
  req: Request,
  res: Response,
  { schema, publicPath, log }: { schema: GraphQLSchema; publicPath: string; log: Logger },
): Promise<void> {
  const ctx = contextOf(req);
  ctx.pagesByTime = true;
  const variableValues = await readVariables(compiled, req, ctx);
  const { telephony } = compiled.route;
  const wrong = [
    ...checkVariables(schema, compiled.operation, variableValues).map((one) => flat(compiled, one)),
    ...(telephony ? checkTelephony(telephony, variableValues) : []),
  ];
  throwForPath(compiled, wrong);
  if (wrong.length > 0) throw invalid(...wrong);
  const number = telephony && givenTelephony(telephony, variableValues);
  if (number !== undefined && !compiled.isList) throw refuseTelephony(number);
  const result = await execute({
    schema,
    document: compiled.document,
    variableValues,
    contextValue: ctx,
  });
  const [error] = result.errors ?? [];
  if (error) {
    const refusal = toAppError(error, ctx.requestId, log);
    throw refusal.fields ? invalid(...refusal.fields.map((one) => flat(compiled, one))) : refusal;
  }
  if (number !== undefined) return void res.status(compiled.route.status).json([]);
  const value = compiled.answered.reduce<unknown>(
    (whole, name) => Reflect.get(Object(whole), name),
    result.data,
  );
  answer(compiled, value, `${publicPath}${req.path}`, req, res);
}

function answer(
  compiled: CompiledRoute,
  value: unknown,
  path: string,
  req: Request,
  res: Response,
): void {
  const { route, shape, isList } = compiled;
  if (route.status === 204) {
    res.status(204).end();
    return;
  }
  if (!isList) {
    res.status(route.status).json(toRest(value, shape));
    return;
  }
  const { nodes, pageInfo } = value as {
    nodes: { createdAt: string }[];
    pageInfo: { hasNextPage: boolean };
  };
  const last = nodes.at(-1);
  if (pageInfo.hasNextPage && last) {
    const query = queryOf(req);
    query.set("cursor", encodeRestCursor(last.createdAt));
    res.setHeader("Link", `<${path}?${query}>; rel="next"`);
  }
  res.status(route.status).json(nodes.map((node) => toRest(node, shape)));
}

async function readVariables(
  compiled: CompiledRoute,
  req: Request,
  ctx: RequestContext,
): Promise<Record<string, unknown>> {
  const query = queryOf(req);
  const { body } = compiled;
  if (req.body === undefined && body?.required) {
    throw new AppError("bad_request", "This needs a JSON body.");
  }
  const input = body ? readBody(body.type, req.body) : {};
  const { telephony } = compiled.route;
  const apart = body && telephony ? readBody(telephony, req.body) : {};
  const values: Record<string, unknown> = body ? { ...apart, input } : {};
  for (const variable of compiled.variables) {
    const value = await readVariable(variable, { compiled, req, ctx, query });
    // What the path names is not read from the body, though a client may send back what it has read.
    if (value !== undefined) (variable.inInput ? input : values)[variable.name] = value;
  }
  return values;
}

function readBody(type: GraphQLInputObjectType, given: unknown): Record<string, unknown> {
  const body: unknown = given === undefined ? {} : given;
  requireObject(body);
  return inputFromRest(body, type);
}

/**
 * The query of a request. `URL` would refuse some of what a request line may hold.
 *
 * @throws AppError `bad_request` for escapes that are none, or no UTF-8.
 */
function queryOf(req: Request): URLSearchParams {
  const [, ...rest] = req.originalUrl.split("?");
  const query = rest.join("?");
  try {
    decodeURIComponent(query);
  } catch (error) {
    throw new AppError("bad_request", "The query is not percent-encoded UTF-8.", { cause: error });
  }
  return new URLSearchParams(query);
}

async function readVariable(
  variable: CompiledRoute["variables"][number],
  from: {
    compiled: CompiledRoute;
    req: Request;
    ctx: RequestContext;
    query: URLSearchParams;
  },
): Promise<unknown> {
  switch (variable.source) {
    case "path":
      return from.req.params[variable.restName];
    case "flag":
      return hasScope(await from.ctx.actor(), from.compiled.route.flags?.[variable.name] ?? []);
    case "query": {
      const given = from.query.getAll(variable.restName);
      if (given.length > 1)
        throw invalid({ path: variable.restName, message: "Is given more than once." });
      const [text] = given;
      if (text === "") throw invalid({ path: variable.restName, message: "Is empty." });
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

function methodName(method: "GET" | "POST" | "PUT" | "DELETE"): "get" | "post" | "put" | "delete" {
  const names = { GET: "get", POST: "post", PUT: "put", DELETE: "delete" } as const;
  return names[method];
}
