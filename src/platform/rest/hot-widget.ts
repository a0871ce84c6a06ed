import { execute, GraphQLObjectType, GraphQLSchema, isObjectType } from "graphql";
import type { Request } from "express";
import type { Quota } from "../auth/rate-limits.js";
import { corsHeaders } from "../http/cors.js";
import {
  readyAnswer,
  type HeaderList,
  type HotAnswer,
  type HotRoute,
  type ReadyAnswer,
} from "../http/hot-routes.js";
import { policyItem, stateItem } from "../http/rate-limit-headers.js";
import { originOf } from "../http/request-context.js";
import { compileRoute } from "./compile-route.js";
import { ROUTES } from "./routes.js";
import { toRest } from "./shape.js";

const PATH = "/core/public/web-widgets/";

/** A live widget as it was read. */
interface Row {
  readonly id: string;
}

/** What is asked of the gate in front of public widgets. */
interface Gate {
  glance(origin: string | undefined, id: string): Row | undefined;
  count(clientIp: string): Quota | Promise<Quota>;
}

/** `GET /core/public/web-widgets/{id}` for a widget that is in memory and a page that may have it. */
export function hotWidget({
  schema,
  gate,
  publicOrigin,
  securityHeaders,
}: {
  schema: GraphQLSchema;
  gate: Gate;
  publicOrigin: string;
  securityHeaders: HeaderList;
}): HotRoute {
  const render = createRenderer(schema);
  const shared = [...securityHeaders, "Cache-Control", "no-cache"];
  const answers = new WeakMap<Row, ReadyAnswer>();
  const answerOf = (row: Row): ReadyAnswer => {
    const known = answers.get(row);
    if (known) return known;
    const made = readyAnswer("application/json; charset=utf-8", render(row), shared);
    answers.set(row, made);
    return made;
  };
  const answered = (req: Request, row: Row, quota: Quota): HotAnswer | undefined =>
    quota.isOver
      ? undefined
      : {
          ready: answerOf(row),
          headers: [
            ...corsHeaders(req.headers.origin),
            "RateLimit",
            stateItem(quota),
            "RateLimit-Policy",
            policyItem(quota),
          ],
        };
  return {
    prefix: PATH,
    answer: (req, id) => {
      const row = gate.glance(originOf(req, publicOrigin), id);
      if (!row) return undefined;
      const counted = gate.count(req.ip ?? "");
      return counted instanceof Promise
        ? counted.then((quota) => answered(req, row, quota))
        : answered(req, row, counted);
    },
  };
}

/**
 * Renders a row as the route's own operation does: the same selection on the same type, below a root
 * that has the row already.
 */
function createRenderer(schema: GraphQLSchema): (row: Row) => string {
  const route = ROUTES.find(({ method, path }) => method === "GET" && path === `${PATH}{id}`);
  const type = schema.getType("PublicWidget");
  if (!route || !isObjectType(type)) throw new Error("there is no public widget");
  const { document, answered, shape } = compileRoute(schema, route);
  const [field = ""] = answered;
  const root = new GraphQLObjectType({ name: "Query", fields: { [field]: { type } } });
  const alone = new GraphQLSchema({ query: root });
  return (row) => {
    const result = execute({
      schema: alone,
      document,
      rootValue: { [field]: row },
      variableValues: { id: row.id },
    });
    if (result instanceof Promise || !result.data) throw new Error("a widget was not rendered");
    return JSON.stringify(toRest(result.data[field], shape));
  };
}
