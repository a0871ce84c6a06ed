import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { requireScope } from "../auth/require-scope.js";
import { jsonReply, type HotCall } from "../http/hot-calls.js";
import type { HeaderList } from "../http/hot-routes.js";
import { compileRoute } from "./compile-route.js";
import { ROUTES } from "./routes.js";
import { runRoute } from "./run-route.js";
import { toRest } from "./shape.js";

const NO_QUERY = new URLSearchParams();

/** One thing of an owner's by its id. A list has a query and a `Link`, and goes the long way. */
export function ownerReads(
  schema: GraphQLSchema,
  { shared, log }: { shared: HeaderList; log: Logger },
): HotCall[] {
  return ROUTES.flatMap((route): HotCall[] => {
    const { method, scopes, path } = route;
    if (method !== "GET" || !scopes) return [];
    const compiled = compileRoute(schema, route);
    if (compiled.isList) return [];
    return [
      {
        method,
        path,
        mostBytes: 0,
        headers: () => shared,
        admit: (ctx) => requireScope(ctx, scopes),
        answer: async (ctx, body, params) => {
          const given = { params, body, query: NO_QUERY };
          const value = await runRoute(compiled, ctx, given, { schema, log });
          return jsonReply(toRest(value, compiled.shape));
        },
      },
    ];
  });
}
