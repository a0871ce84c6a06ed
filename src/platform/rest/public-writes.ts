import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { corsHeaders } from "../http/cors.js";
import type { HeaderList } from "../http/hot-routes.js";
import type { HotCall } from "../http/hot-calls.js";
import { compileRoute } from "./compile-route.js";
import { PUBLIC_BODY_KB } from "./router.js";
import { ROUTES } from "./routes.js";
import { hotAnswer } from "./run-route.js";

/** What visitors write: starts, feedback, logout. */
export function publicWrites(
  schema: GraphQLSchema,
  { shared, log }: { shared: HeaderList; log: Logger },
): HotCall[] {
  const rows = ROUTES.filter(({ method, scopes }) => method === "POST" && !scopes);
  return rows.map((route) => ({
    method: "POST",
    path: route.path,
    mostBytes: PUBLIC_BODY_KB * 1024,
    headers: (req) => [...shared, ...corsHeaders(req.headers.origin)],
    answer: hotAnswer(compileRoute(schema, route), { schema, log }),
  }));
}
