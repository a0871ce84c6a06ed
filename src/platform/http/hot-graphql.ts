import { HeaderMap, type ApolloServer } from "@apollo/server";
import type { Request } from "express";
import type { Logger } from "pino";
import type { RequestContext } from "../auth/context.js";
import { requireShortDocument } from "../graphql/document-shape.js";
import { knownAnswer } from "../graphql/known-answer.js";
import type { KnownOperations } from "../graphql/known-operations.js";
import { graphqlErrors } from "./error-handlers.js";
import { JSON_TYPE, type HotCall } from "./hot-calls.js";
import type { HeaderList } from "./hot-routes.js";

/** `POST /graphql` by the same Apollo Server; what it has answered before without it. */
export function hotGraphql(
  {
    apollo,
    operations,
    log,
  }: {
    apollo: ApolloServer<RequestContext>;
    operations: KnownOperations;
    log: Logger;
  },
  { mostBytes, shared }: { mostBytes: number; shared: HeaderList },
): HotCall {
  return {
    method: "POST",
    path: "/graphql",
    mostBytes,
    headers: () => shared,
    answer: async (ctx, body, _params, req) => {
      const known = takesJson(req) ? await knownAnswer(operations, ctx, body, log) : undefined;
      if (known) {
        return {
          status: 200,
          headers: [...JSON_TYPE, ...[...known.headers].flat()],
          text: known.text,
        };
      }
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

/** What nearly everybody sends; the other types are Apollo's to choose among. */
function takesJson({ headers }: Request): boolean {
  const { accept } = headers;
  return accept === undefined || accept === "*/*" || accept === "application/json";
}

function headersOf({ headers }: Request): HeaderMap {
  const map = new HeaderMap();
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return map;
}
