import {
  ApolloClient,
  ApolloLink,
  CombinedGraphQLErrors,
  HttpLink,
  ServerError,
} from "@apollo/client";
import { ErrorLink } from "@apollo/client/link/error";
import { from, mergeMap, throwError } from "rxjs";
import { OperationTypeNode } from "graphql";
import {
  CONFIRMATION_REQUIRED,
  CONSOLE_HEADER,
  CONSOLE_HEADER_VALUE,
  ORGANIZATION_HEADER,
} from "../../protocol/console-api.js";
import { PUBLIC_PATH } from "../html-facts.js";
import { createCache } from "./graphql-cache.js";
import { refusedFields } from "./say-refusal.js";
import { createStreamLink } from "./stream-link.js";

/**
 * A client of Parley's own GraphQL, by the session's cookie. Each organization has one of its own, so that nothing of
 * one is ever shown in another.
 *
 * @param organizationId undefined: fields about the person alone answer
 * @param onRefused is told of each answer that says that the person may do less than was thought
 * @param confirm asks who they are once more; what asked for it is then sent again
 */
export function createGraphqlClient(
  organizationId: string | undefined,
  { onRefused, confirm }: { onRefused: () => void; confirm: () => Promise<boolean> },
): ApolloClient {
  const headers = {
    [CONSOLE_HEADER]: CONSOLE_HEADER_VALUE,
    ...(organizationId === undefined ? {} : { [ORGANIZATION_HEADER]: organizationId }),
  };
  return new ApolloClient({
    link: ApolloLink.from([
      new ErrorLink(({ error, operation, forward }) => {
        if (hasCode(error, CONFIRMATION_REQUIRED, 0)) {
          return from(confirm()).pipe(
            mergeMap((isProved) => (isProved ? forward(operation) : throwError(() => error))),
          );
        }
        if (isUnauthenticated(error) || isForbidden(error)) onRefused();
        return undefined;
      }),
      ApolloLink.split(
        ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
        createStreamLink(`${PUBLIC_PATH}/graphql/stream`, headers),
        new HttpLink({ uri: `${PUBLIC_PATH}/graphql`, headers }),
      ),
    ]),
    cache: createCache(),
  });
}

/** Nobody is signed in, any more. */
export function isUnauthenticated(error: unknown): boolean {
  return hasCode(error, "UNAUTHENTICATED", 401);
}

/** The role does not allow it, any more. */
export function isForbidden(error: unknown): boolean {
  return hasCode(error, "FORBIDDEN", 403);
}

/** @param status of HTTP, where the answer is no GraphQL. */
export function hasCode(error: unknown, code: string, status: number): boolean {
  if (ServerError.is(error)) return error.statusCode === status;
  return (
    CombinedGraphQLErrors.is(error) &&
    error.errors.some(({ extensions }) => extensions?.["code"] === code)
  );
}

/** Whether the value of a field was refused. @param path its end, such as `currentPassword` */
export function isAboutField(error: unknown, path: string): boolean {
  return refusedFields(error).some((problem) => problem.path.split(".").at(-1) === path);
}
