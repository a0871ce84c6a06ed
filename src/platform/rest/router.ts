import { Router, type Request, type RequestHandler, type Response } from "express";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { requireScope } from "../auth/require-scope.js";
import { encodeRestCursor } from "../database/paging.js";
import { AppError } from "../errors.js";
import { jsonBody } from "../http/json-body.js";
import { refuseOtherMethods } from "../http/methods.js";
import { contextOf } from "../http/request-context.js";
import { compileRoute, type CompiledRoute } from "./compile-route.js";
import { ROUTES } from "./routes.js";
import { runRoute } from "./run-route.js";
import { toRest } from "./shape.js";

export const ADMIN_BODY = "1mb";
/** What a stranger may send. */
export const PUBLIC_BODY_KB = 64;

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
  const value = await runRoute(
    compiled,
    contextOf(req),
    { params: req.params, query: queryOf(req), body: req.body },
    { schema, log },
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

function methodName(method: "GET" | "POST" | "PUT" | "DELETE"): "get" | "post" | "put" | "delete" {
  const names = { GET: "get", POST: "post", PUT: "put", DELETE: "delete" } as const;
  return names[method];
}
