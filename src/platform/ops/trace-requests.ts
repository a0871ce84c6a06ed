import { STREAM_PATH } from "../http/event-streams.js";
import { noteTraceparent } from "../http/request-context.js";
import type { Tracing } from "../../process/tracing.js";
import { WORKER_API } from "../../protocol/worker-api.js";
import type { RequestWatcher } from "./watched.js";

const WORKER_PATHS: ReadonlySet<string> = new Set(
  Object.values(WORKER_API).map(({ path }) => path),
);

/**
 * A trace for each request of clients that may change something; reads are many, and metrics tell of
 * them. What a client says of a trace of its own is not taken: it would choose what is kept. The agent's
 * calls go on with a talk's trace, see `dispatch/worker-router.ts`.
 */
export function traceRequests(tracing: Tracing): RequestWatcher {
  return (req, { method, route }) => {
    const isChange = method === "POST" || method === "PUT" || method === "DELETE";
    if (
      !isChange ||
      route === STREAM_PATH ||
      !/^\/(core|graphql)/.test(route) ||
      WORKER_PATHS.has(route)
    ) {
      return undefined;
    }
    const span = tracing.begin(`${method} ${route}`, "server");
    noteTraceparent(req, span.traceparent);
    return ({ status }) =>
      span.end({
        "http.request.method": method,
        "http.route": route,
        ...(status === undefined ? {} : { "http.response.status_code": status }),
      });
  };
}
