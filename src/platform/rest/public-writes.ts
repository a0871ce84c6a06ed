import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { corsHeaders } from "../http/cors.js";
import type { HeaderList } from "../http/hot-routes.js";
import { jsonReply, type HotCall } from "../http/hot-calls.js";
import { compileRoute } from "./compile-route.js";
import { PUBLIC_BODY_KB } from "./router.js";
import { ROUTES } from "./routes.js";
import { runRoute } from "./run-route.js";
import { toRest } from "./shape.js";

const NO_QUERY = new URLSearchParams();

/** What visitors write: starts, feedback, logout. */
export function publicWrites(
  schema: GraphQLSchema,
  { shared, log }: { shared: HeaderList; log: Logger },
): HotCall[] {
  const rows = ROUTES.filter(({ method, scopes }) => method === "POST" && !scopes);
  return rows.map((route) => {
    const compiled = compileRoute(schema, route);
    return {
      method: "POST",
      path: route.path,
      mostBytes: PUBLIC_BODY_KB * 1024,
      headers: (req) => [...shared, ...corsHeaders(req.headers.origin)],
      answer: async (ctx, body, params) => {
        const given = { params, body, query: NO_QUERY };
        const value = await runRoute(compiled, ctx, given, { schema, log });
        return jsonReply(toRest(value, compiled.shape));
      },
    };
  });
}
