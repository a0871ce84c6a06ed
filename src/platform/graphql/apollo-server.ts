import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from "@apollo/server/plugin/disabled";
import { GraphQLError, type GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import type { RequestContext } from "../auth/context.js";
import type { Loaders } from "../database/loaders.js";
import { AppError, fieldSentence } from "../errors.js";
import { checkLiterals, checkVariables } from "./check-input.js";
import { formatGraphQLError } from "./format-error.js";
import { MAX_TOKENS } from "./document-shape.js";
import { sizeOf, whyTooLarge } from "./document-size.js";

/** Apollo Server over the schema, with our limits and error form. Not started yet. */
export function createApolloServer(
  schema: GraphQLSchema,
  options: {
    /** Loaders that remember nothing. */
    freshLoaders: () => Loaders;
    log: Logger;
  },
): ApolloServer<RequestContext> {
  return new ApolloServer<RequestContext>({
    schema,
    introspection: true,
    // Persisted queries are not documented, and would keep strangers' documents.
    persistedQueries: false,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxTokens: MAX_TOKENS },
    maxRecursiveSelections: true,
    plugins: [
      guard(schema),
      uncachedMutations(options.freshLoaders),
      errorForm(options.log),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginCacheControlDisabled(),
    ],
  });
}

/** Refuses wrong variables by field, and queries that would cost too much, before anything runs. */
function guard(schema: GraphQLSchema): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ request, document, operation, contextValue }) => {
        if (!operation) return;
        const variables = request.variables ?? {};
        const errors = [
          ...checkLiterals(document),
          ...checkVariables(schema, operation, variables),
        ];
        const [first] = errors;
        if (first) {
          throw refusal(fieldSentence(first), { code: "BAD_USER_INPUT", errors });
        }
        const size = sizeOf(schema, document, operation, variables);
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

function errorForm(log: Logger): ApolloServerPlugin<RequestContext> {
  return {
    requestDidStart: async () => ({
      willSendResponse: async ({ errors, response, contextValue, document }) => {
        if (!errors || response.body.kind !== "single") return;
        response.body.singleResult.errors = errors.map((error) =>
          formatGraphQLError(error, contextValue.requestId, log, document),
        );
        const retryAfter = response.body.singleResult.errors.find(
          (error) => error.extensions?.["retryAfter"],
        );
        if (retryAfter)
          response.http.headers.set("retry-after", String(retryAfter.extensions?.["retryAfter"]));
      },
    }),
  };
}

function refusal(message: string, extensions: Record<string, unknown>): GraphQLError {
  return new GraphQLError(message, { extensions: { ...extensions, http: { status: 400 } } });
}
