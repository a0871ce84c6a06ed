import { HeaderMap, type ApolloServer } from "@apollo/server";
import type { Request } from "express";
import type { Logger } from "pino";
import type { RequestContext } from "../auth/context.js";
import { requireShortDocument } from "../graphql/document-shape.js";
import { graphqlErrors } from "./error-handlers.js";
import type { HotCall } from "./hot-calls.js";
import type { HeaderList } from "./hot-routes.js";

/** `POST /graphql` by the same Apollo Server. */
export function hotGraphql(
  apollo: ApolloServer<RequestContext>,
  { mostBytes, shared, log }: { mostBytes: number; shared: HeaderList; log: Logger },
): HotCall {
  return {
    method: "POST",
    path: "/graphql",
    mostBytes,
    headers: () => shared,
    answer: async (ctx, body, _params, req) => {
      const {
        status,
        headers,
        body: answered,
      } = await apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: {
          method: "POST",
          headers: headersOf(req),
          search: "",
          body: body ?? {},
        },
        context: async () => {
          requireShortDocument(Reflect.get(Object(body), "query"));
          return ctx;
        },
      });
      if (answered.kind !== "complete")
        throw new Error("an answer in pieces, which nobody can ask for");
      return { status: status ?? 200, headers: [...headers].flat(), text: answered.string };
    },
    errors: graphqlErrors(log),
  };
}

function headersOf({ headers }: Request): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return map;
}
