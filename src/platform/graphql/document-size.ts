import {
  getNamedType,
  getNullableType,
  GraphQLError,
  GraphQLObjectType,
  isListType,
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
  visit,
} from "graphql";
import {
  fieldExtensionsEstimator,
  getComplexity,
  simpleEstimator,
  type ComplexityEstimator,
} from "graphql-query-complexity";
import { JSONObjectScalar, JSONScalar } from "./scalars.js";

/** What one operation may ask for. */
interface Allowance {
  /** Fields, and what they mean for the database: a list costs its items times what each costs. */
  readonly cost: number;
  /** Fields of the root; each has statements of its own. */
  readonly rootFields: number;
  readonly aliases: number;
}

/** Fields of the root run at once, so few of them may fill the database's pool. */
const ANYBODY: Allowance = { cost: 10_000, rootFields: 5, aliases: 20 };
const WITH_CREDENTIAL: Allowance = { cost: 20_000, rootFields: 20, aliases: 100 };
/** The statements of a field of the root, whatever is asked of it: those of the credential too. */
const ROOT_COST = 10;
const ROOT_LIST_COST = 50;
const MAX_DEPTH = 12;
const DOCUMENT_COST = 50;
const PUBLIC_DOCUMENT_COST = 500;
const DOCUMENTS: ReadonlySet<string> = new Set([JSONObjectScalar.name, JSONScalar.name]);
/** What graphql-query-complexity says of them. */
const TOO_MANY_FIELDS = "Query exceeds the maximum allowed number of nodes.";
const INTROSPECTION_FACTOR = 40;
/** What is remembered of one operation: each size of its pages, and more. */
const KNOWN_COSTS = 200;
const KNOWN_LENGTH = 200;

/** What an operation asks for. */
export interface Size extends Omit<Allowance, "cost"> {
  readonly depth: number;
  /** Undefined for more fields than are counted. */
  readonly cost: number | undefined;
}

/**
 * Counts what is the same each time once, and `first` also when it is a variable.
 *
 * @returns its size with these variables. @throws GraphQLError for an argument that is wrong.
 */
export function sizesOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
): (variables: Readonly<Record<string, unknown>>) => Size {
  const depth = depthOf(document, operation);
  const rootFields = rootNamesOf(document, operation.selectionSet).size;
  const aliases = aliasesOf(document);
  const costs = new Map<string, number | undefined>();
  return (variables) => {
    if (depth > MAX_DEPTH) return { depth, rootFields, aliases, cost: undefined };
    const count = (): number | undefined => costOf(schema, document, operation, { ...variables });
    // What is written may be long, and is written seldom.
    if (operation.operation !== OperationTypeNode.QUERY) {
      return { depth, rootFields, aliases, cost: count() };
    }
    const key = JSON.stringify(variables, withoutText);
    const cost = costs.has(key) ? costs.get(key) : count();
    if (costs.size < KNOWN_COSTS && key.length <= KNOWN_LENGTH) costs.set(key, cost);
    return { depth, rootFields, aliases, cost };
  };
}

/** No field costs more or less for a text that it is given. */
function withoutText(_key: string, value: unknown): unknown {
  return typeof value === "string" ? "" : value;
}

/** @returns why the operation is too large, or undefined. */
export function whyTooLarge(size: Size, hasCredential: boolean): string | undefined {
  if (size.depth > MAX_DEPTH)
    return `The query is ${size.depth} levels deep; at most ${MAX_DEPTH} are allowed.`;
  const allowed = hasCredential ? WITH_CREDENTIAL : ANYBODY;
  const who = hasCredential ? "allowed" : "allowed without a credential";
  if (size.rootFields > allowed.rootFields)
    return `The query has ${size.rootFields} fields at its root; at most ${allowed.rootFields} are ${who}.`;
  if (size.aliases > allowed.aliases)
    return `The query has ${size.aliases} aliases; at most ${allowed.aliases} are ${who}.`;
  if (size.cost === undefined) return "The query has too many fields.";
  if (size.cost > allowed.cost)
    return `The query costs ${size.cost}; at most ${allowed.cost} is ${who}. Ask for fewer items or fields.`;
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
      estimators: [rootEstimator(schema)],
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

const ESTIMATORS: readonly ComplexityEstimator[] = [
  introspectionEstimator,
  fieldExtensionsEstimator(),
  documentEstimator,
  simpleEstimator({ defaultComplexity: 1 }),
];

/** What a field costs, and at the root the statements that run for it in any case. */
function rootEstimator(schema: GraphQLSchema): ComplexityEstimator {
  const roots = new Set([schema.getQueryType(), schema.getMutationType()]);
  const stream = schema.getSubscriptionType();
  return (field) => {
    let own: number | undefined;
    for (const estimate of ESTIMATORS) own ??= estimate(field) ?? undefined;
    // It reads again and again, for as long as it is open.
    if (own !== undefined && stream && field.type === stream) return own + ROOT_LIST_COST;
    if (own === undefined || !(field.type instanceof GraphQLObjectType) || !roots.has(field.type))
      return own;
    return own + (isList(field.field.type) ? ROOT_LIST_COST : ROOT_COST);
  };
}

function isList(type: GraphQLOutputType): boolean {
  return isListType(getNullableType(type)) || getNamedType(type).name.endsWith("Connection");
}

/** The names in the answer, each of which is a field that runs. */
function rootNamesOf(document: DocumentNode, root: SelectionSetNode): ReadonlySet<string> {
  const fragments = fragmentsOf(document);
  const names = new Set<string>();
  // Grows while it is walked through; a fragment that is spread twice is in it once.
  const sets = new Set([root]);
  for (const { selections } of sets) {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) names.add((selection.alias ?? selection.name).value);
      else if (selection.kind === Kind.INLINE_FRAGMENT) sets.add(selection.selectionSet);
      else {
        const fragment = fragments.get(selection.name.value);
        if (fragment) sets.add(fragment.selectionSet);
      }
    }
  }
  return names;
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
  return new Map(fragments.map((node) => [node.name.value, node]));
}

function aliasesOf(document: DocumentNode): number {
  let count = 0;
  visit(document, { Field: ({ alias }) => void (count += alias ? 1 : 0) });
  return count;
}

/** Levels of fields, introspection aside. Fragment cycles were refused by validation. */
function depthOf(document: DocumentNode, operation: OperationDefinitionNode): number {
  const fragments = fragmentsOf(document);
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
