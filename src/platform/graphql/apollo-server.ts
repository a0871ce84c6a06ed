import { ApolloServer, HeaderMap, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { GraphQLError, OperationTypeNode } from "graphql";
import type { Logger } from "pino";
import type { RequestContext } from "../auth/context.js";
import type { Loaders } from "../database/loaders.js";
import { MAX_TOKENS } from "./document-shape.js";
import type { KnownOperations } from "./known-operations.js";
import { formatted, whyRefused } from "./refusals.js";

/** Apollo Server over the schema, with our limits and error form. Not started yet. */
export function createApolloServer(
  operations: KnownOperations,
  options: {
    /** Loaders that remember nothing. */
    freshLoaders: () => Loaders;
    log: Logger;
  },
): ApolloServer<RequestContext> {
  const { schema } = operations;
  return new ApolloServer<RequestContext>({
    schema,
    introspection: true,
    // Persisted queries are not documented, and would keep strangers' documents.
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    maxRecursiveSelections: true,
    plugins: [
      guard(operations),
      uncachedMutations(options.freshLoaders),
      plannedQueries(operations, options.log),
      errorForm(options.log),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
    ],
  });
}

/** Refuses wrong variables by field, and queries that would cost too much, before anything runs. */
function guard(operations: KnownOperations): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ request, document, operation, contextValue }) => {
        if (!operation) return;
        if (operation.operation === OperationTypeNode.SUBSCRIPTION) throw streamsOnly();
        const known = operations.of(document, operation);
        const { schema } = operations;
        const why = await whyRefused(schema, known, contextValue, request.variables ?? {});
        if (why) throw why;
      },
    }),
  };
}

function streamsOnly(): GraphQLError {
  return new GraphQLError("Subscriptions are answered by POST /graphql/stream, as events.", {
    extensions: { code: "BAD_REQUEST", http: { status: 400 } },
  });
}

/** Mutations of one document run one after the other, and each sees what those before it changed. */
function uncachedMutations(freshLoaders: () => Loaders): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ operation, contextValue }) => {
        if (operation?.operation === "mutation" && operation.selectionSet.selections.length > 1) {
          contextValue.loaders = freshLoaders();
        }
      },
    }),
  };
}

/** Runs what has a plan by it. */
function plannedQueries(
  operations: KnownOperations,
  log: Logger,
): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      responseForOperation: async ({ document, operation, request, contextValue }) => {
        // Apollo's types do not say that the one that was named may not be there.
        const known = operation ? operations.of(document, operation) : undefined;
        const result = await known?.plan?.(contextValue, request.variables ?? {});
        if (!known || !result) return null;
        const headers = new HeaderMap();
        const { data, errors } = result;
        const singleResult = errors
          ? { errors: formatted(errors, { contextValue, log, document, headers }), data }
          : { data };
        if (!errors) operations.remember(request.query ?? "", request.operationName, known);
        return { http: { status: undefined, headers }, body: { kind: "single", singleResult } };
      },
    }),
  };
}

function errorForm(log: Logger): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ errors, response, contextValue, document }) => {
        if (!errors || response.body.kind !== "single") return;
        response.body.singleResult.errors = formatted(errors, {
          contextValue,
          log,
          document,
          headers: response.http.headers,
        });
      },
    }),
  };
}
