import { ApolloServer, HeaderMap, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import {
  GraphQLError,
  type DocumentNode,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from "graphql";
import type { Logger } from "pino";
import type { RequestContext } from "../auth/context.js";
import type { Loaders } from "../database/loaders.js";
import { AppError, fieldSentence } from "../errors.js";
import { checkVariables } from "./check-input.js";
import { formatGraphQLError } from "./format-error.js";
import { MAX_TOKENS } from "./document-shape.js";
import { whyTooLarge } from "./document-size.js";
import { KnownOperations } from "./known-operations.js";

/** Apollo Server over the schema, with our limits and error form. Not started yet. */
export function createApolloServer(
  schema: GraphQLSchema,
  options: {
    /** Loaders that remember nothing. */
    freshLoaders: () => Loaders;
    log: Logger;
  },
): ApolloServer<RequestContext> {
  const operations = new KnownOperations(schema);
  return new ApolloServer<RequestContext>({
    schema,
    introspection: true,
    // Persisted queries are not documented, and would keep strangers' documents.
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    maxRecursiveSelections: true,
    plugins: [
      guard(schema, operations),
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
function guard(
  schema: GraphQLSchema,
  operations: KnownOperations,
): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ request, document, operation, contextValue }) => {
        if (!operation) return;
        const variables = request.variables ?? {};
        const known = operations.of(document, operation);
        const errors = [...known.literalErrors, ...checkVariables(schema, operation, variables)];
        const [first] = errors;
        if (first) {
          throw refusal(fieldSentence(first), { code: "BAD_USER_INPUT", errors });
        }
        const size = known.size(variables);
        const forAnybody = whyTooLarge(size, false);
        if (forAnybody === undefined) return;
        // Who asks is looked up only where a credential would make a difference.
        const reason =
          whyTooLarge(size, true) ?? ((await hasCredential(contextValue)) ? undefined : forAnybody);
        if (reason) throw refusal(reason, { code: "QUERY_TOO_LARGE" });
      },
    }),
  };
}

async function hasCredential(ctx: RequestContext): Promise<boolean> {
  if (ctx.bearer === undefined) return false;
  try {
    await ctx.actor();
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
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
        const plan = operation ? operations.of(document, operation).plan : undefined;
        const result = await plan?.(contextValue, request.variables ?? {});
        if (!result) return null;
        const http = { status: undefined, headers: new HeaderMap() };
        const errors =
          result.errors && formatted(result.errors, { contextValue, log, document, http });
        const { data } = result;
        return {
          http,
          body: { kind: "single", singleResult: errors ? { errors, data } : { data } },
        };
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
          http: response.http,
        });
      },
    }),
  };
}

/** Errors as they are answered; when to come again stands in a header, too. */
function formatted(
  errors: readonly GraphQLError[],
  {
    contextValue,
    log,
    document,
    http,
  }: {
    contextValue: RequestContext;
    log: Logger;
    document: DocumentNode | undefined;
    http: { readonly headers: HeaderMap };
  },
): GraphQLFormattedError[] {
  const all = errors.map((error) =>
    formatGraphQLError(error, contextValue.requestId, log, document),
  );
  const retryAfter = all.find((error) => error.extensions?.["retryAfter"]);
  if (retryAfter) http.headers.set("retry-after", String(retryAfter.extensions?.["retryAfter"]));
  return all;
}

function refusal(message: string, extensions: Record<string, unknown>): GraphQLError {
  return new GraphQLError(message, { extensions: { ...extensions, http: { status: 400 } } });
}
