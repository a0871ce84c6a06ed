import { ApolloLink, Observable } from "@apollo/client";
import { print } from "graphql";
import { createClient } from "graphql-sse";

/** A server that stopped has told its streams nothing: they come again, soon and then less often. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/**
 * Subscriptions as server-sent events, one a connection (contract section 6). One that broke off is opened again for
 * as long as somebody listens; each begins with what there is, so that nothing is missed in between.
 */
export function createStreamLink(
  url: string,
  headers: Readonly<Record<string, string>>,
): ApolloLink {
  const client = createClient({
    url,
    headers: { ...headers },
    retryAttempts: Infinity,
    retry: async (retries) => {
      const wait = Math.min(FIRST_WAIT_MS * 2 ** retries, LONGEST_WAIT_MS);
      await new Promise((resolve) => setTimeout(resolve, wait * (0.5 + Math.random() / 2)));
    },
  });
  return new ApolloLink(
    ({ query, variables, operationName }) =>
      new Observable((observer) =>
        client.subscribe<ApolloLink.Result["data"] & {}>(
          { query: print(query), variables, ...(operationName ? { operationName } : {}) },
          {
            next: (result) => observer.next(result as ApolloLink.Result),
            error: (reason) => observer.error(reason),
            complete: () => observer.complete(),
          },
        ),
      ),
  );
}
