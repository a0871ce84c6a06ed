import {
  getNamedType,
  GraphQLError,
  Kind,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from "graphql";
import {
  fieldExtensionsEstimator,
  getComplexity,
  simpleEstimator,
  type ComplexityEstimator,
} from "graphql-query-complexity";
import { JSONObjectScalar, JSONScalar } from "./scalars.js";

/** Fields that one request may cost: a list costs its items times what each costs. */
const MAX_COST = 20_000;
export const MAX_DEPTH = 12;
const DOCUMENT_COST = 50;
const PUBLIC_DOCUMENT_COST = 500;
const DOCUMENTS: ReadonlySet<string> = new Set([JSONObjectScalar.name, JSONScalar.name]);
/** What graphql-query-complexity says of them. */
const TOO_MANY_FIELDS = "Query exceeds the maximum allowed number of nodes.";
const INTROSPECTION_FACTOR = 40;
/** Tokens in one document; longer ones are not even parsed. */
export const MAX_TOKENS = 5_000;

/** @returns why the operation is too large, or undefined. Counts `first` also when it is a variable. */
export function tooLarge(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Record<string, unknown>,
): string | undefined {
  const depth = depthOf(document, operation);
  if (depth > MAX_DEPTH)
    return `The query is ${depth} levels deep; at most ${MAX_DEPTH} are allowed.`;
  const cost = costOf(schema, document, operation, variables);
  if (cost === undefined) return "The query has too many fields.";
  if (cost > MAX_COST)
    return `The query costs ${cost}; at most ${MAX_COST} is allowed. Ask for fewer items or fields.`;
  return undefined;
}

/** @returns undefined for more fields than are counted, as in fragments that spread each other. */
function costOf(
  schema: GraphQLSchema,
  query: DocumentNode,
  { name }: OperationDefinitionNode,
  variables: Record<string, unknown>,
): number | undefined {
  try {
    return getComplexity({
      schema,
      query,
      variables,
      ...(name ? { operationName: name.value } : {}),
      estimators: [
        introspectionEstimator,
        fieldExtensionsEstimator(),
        documentEstimator,
        simpleEstimator({ defaultComplexity: 1 }),
      ],
    });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    if (error.message === TOO_MANY_FIELDS) return undefined;
    // An argument that is wrong only now that its variable is known.
    throw new GraphQLError(error.message, {
      nodes: error.nodes ?? null,
      extensions: { http: { status: 400 } },
    });
  }
}

/** The schema's own lists are long, whatever is asked of them: two whole schemas fit in one request. */
const introspectionEstimator: ComplexityEstimator = ({ field, childComplexity }) =>
  field.name === "__schema" || field.name === "__type"
    ? INTROSPECTION_FACTOR * (1 + childComplexity)
    : undefined;

/**
 * A document has 64 KB and more, each time that it is asked for; a small one costs its kilobytes, where
 * it is declared. A public one is anybody's to ask for.
 */
const documentEstimator: ComplexityEstimator = ({ field, type }) => {
  if (!DOCUMENTS.has(getNamedType(field.type).name)) return undefined;
  return type.name.startsWith("Public") ? PUBLIC_DOCUMENT_COST : DOCUMENT_COST;
};

/** Levels of fields, introspection aside. Fragment cycles were refused by validation. */
function depthOf(document: DocumentNode, operation: OperationDefinitionNode): number {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION)
      fragments.set(definition.name.value, definition);
  }
  const memo = new Map<SelectionSetNode, number>();
  const levels = (set: SelectionSetNode | undefined): number => {
    if (!set) return 0;
    const known = memo.get(set);
    if (known !== undefined) return known;
    let deepest = 0;
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value.startsWith("__")) continue;
        deepest = Math.max(deepest, 1 + levels(selection.selectionSet));
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        deepest = Math.max(deepest, levels(selection.selectionSet));
      } else {
        deepest = Math.max(deepest, levels(fragments.get(selection.name.value)?.selectionSet));
      }
    }
    memo.set(set, deepest);
    return deepest;
  };
  return levels(operation.selectionSet);
}
