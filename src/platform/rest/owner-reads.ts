import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { requireScope } from "../auth/require-scope.js";
import type { HotCall } from "../http/hot-calls.js";
import type { HeaderList } from "../http/hot-routes.js";
import { compileRoute } from "./compile-route.js";
import { ROUTES } from "./routes.js";
import { hotAnswer } from "./run-route.js";

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
        answer: hotAnswer(compiled, { schema, log }),
      },
    ];
  });
}
