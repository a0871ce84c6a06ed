import { execute, GraphQLObjectType, GraphQLSchema, isObjectType } from "graphql";
import type { Request } from "express";
import type { Quota, QuotaListener } from "../auth/rate-limits.js";
import { corsHeaders } from "../http/cors.js";
import {
  readyAnswer,
  type HeaderList,
  type HotRoute,
  type ReadyAnswer,
} from "../http/hot-routes.js";
import { policyItem, stateItem } from "../http/rate-limit-headers.js";
import { originOf } from "../http/request-context.js";
import { compileRoute } from "./compile-route.js";
import { ROUTES } from "./routes.js";
import { toRest } from "./shape.js";

const PATH = "/core/public/web-widgets/";
const ID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** A live widget as it was read. */
interface Row {
  readonly id: string;
}

/** What is asked of the gate in front of public widgets. */
interface Gate {
  glance(origin: string | undefined, id: string): Promise<Row | undefined>;
  count(clientIp: string, listener: QuotaListener): Promise<void>;
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
  return {
    prefix: PATH,
    answer: async (req: Request, id: string) => {
      const row = ID.test(id) ? await gate.glance(originOf(req, publicOrigin), id) : undefined;
      if (!row) return undefined;
      const ready = answerOf(row);
      let counted: Quota | undefined;
      const listener = { counted: (quota: Quota) => void (counted = quota) };
      await gate.count(req.ip ?? "", listener);
      return {
        ready,
        headers: [
          ...corsHeaders(req.headers.origin),
          ...(counted
            ? ["RateLimit", stateItem(counted), "RateLimit-Policy", policyItem(counted)]
            : []),
        ],
      };
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
