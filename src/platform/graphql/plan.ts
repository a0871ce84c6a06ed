import {
  BREAK,
  getArgumentValues,
  getNamedType,
  getVariableValues,
  GraphQLError,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  Kind,
  locatedError,
  OperationTypeNode,
  responsePathAsArray,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ResponsePath,
} from "graphql";
import { collectFields, collectSubfields } from "graphql/execution/collectFields.js";
import type { RequestContext } from "../auth/context.js";

/**
 * Runs an operation of which all was looked up that is the same each time.
 *
 * @returns what graphql-js answers. Undefined when variables do not fit, or what a query's resolver
 *   gave is not what the schema says: graphql-js is to run it again, and to say what. What has been
 *   written cannot run again: then an error stands in place of the whole answer.
 */
export type Plan = (
  context: RequestContext,
  variables: Readonly<Record<string, unknown>>,
  /** What GraphQL makes of them, from who has checked that. */
  checked?: Readonly<Record<string, unknown>>,
) => Promise<PlannedResult | undefined>;

interface PlannedResult {
  /** Absent where there are none. */
  readonly errors?: readonly GraphQLError[];
  readonly data: Answer;
}

interface Run {
  readonly context: RequestContext;
  readonly variables: Readonly<Answer>;
  readonly errors: GraphQLError[];
  isWrong: boolean;
  /** The first of a field that cannot be null. */
  failure?: GraphQLError;
}

/** From what was given to what is answered, or a promise of it that is never rejected. */
type Step<T = unknown> = (given: unknown, path: ResponsePath | undefined, run: Run) => T;
type Fields = ReadonlyMap<string, readonly FieldNode[]>;
type Answer = Record<string, unknown>;

/**
 * Of a query without directives. Why not by somebody else's compiler is in
 * `.github/decisions/018-plans-of-queries.md`.
 *
 * @param document that is valid for `schema`.
 * @param options.mayWrite whether a mutation of one field has a plan, too: for a door that answers an
 *   error and nothing beside it.
 * @returns undefined for any other operation.
 */
export function planOf(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  { mayWrite = false } = {},
): Plan | undefined {
  const writes = operation.operation === OperationTypeNode.MUTATION;
  const isPlanned = writes ? mayWrite : operation.operation === OperationTypeNode.QUERY;
  const type = schema.getRootType(operation.operation);
  if (!type || !isPlanned || hasDirective(document)) return undefined;
  const planner = new Planner(schema, document, operation);
  const fields = collectFields(schema, planner.fragments, {}, type, operation.selectionSet);
  // Of several each waits for the one before.
  if (writes && fields.size > 1) return undefined;
  const root = planner.object(type, fields);
  if (!root) return undefined;
  const definitions = operation.variableDefinitions ?? [];
  return async (context, given, checked) => {
    const variables = checked ?? getVariableValues(schema, definitions, given).coerced;
    if (!variables) return undefined;
    const run: Run = { context, variables, errors: [], isWrong: false };
    const data = await root(undefined, undefined, run);
    if (run.isWrong) return writes ? { errors: [run.failure ?? unfit()], data: {} } : undefined;
    return run.errors.length === 0 ? { data } : { errors: run.errors, data };
  };
}

function unfit(): GraphQLError {
  return new GraphQLError("What a resolver gave is not what the schema says.");
}

function hasDirective(document: DocumentNode): boolean {
  let found = false;
  visit(document, {
    Directive: () => {
      found = true;
      return BREAK;
    },
  });
  return found;
}

/** Each of its methods gives undefined for what is left to graphql-js. */
class Planner {
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;

  constructor(
    private readonly schema: GraphQLSchema,
    document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
  ) {
    const fragments = document.definitions.filter((node) => node.kind === Kind.FRAGMENT_DEFINITION);
    this.fragments = Object.fromEntries(fragments.map((node) => [node.name.value, node]));
  }

  object(type: GraphQLObjectType, fields: Fields): Step<Answer | PromiseLike<Answer>> | undefined {
    if (type.isTypeOf) return undefined;
    const steps: (readonly [name: string, step: Step])[] = [];
    for (const [name, nodes] of fields) {
      const step = this.field(type, name, nodes);
      // An answer is a plain object, to which this is no key.
      if (!step || name === "__proto__") return undefined;
      steps.push([name, step]);
    }
    return (source, path, run) => {
      const data: Answer = {};
      const waiting: PromiseLike<void>[] = [];
      for (const [name, step] of steps) {
        const value = step(source, path, run);
        data[name] = value;
        if (isPromise(value)) waiting.push(value.then((settled) => void (data[name] = settled)));
      }
      return waiting.length === 0 ? data : Promise.all(waiting).then(() => data);
    };
  }

  private field(
    parent: GraphQLObjectType,
    key: string,
    nodes: readonly FieldNode[],
  ): Step | undefined {
    const [node] = nodes;
    if (node?.name.value === "__typename") return () => parent.name;
    const field = parent.getFields()[node?.name.value ?? ""];
    const complete = field && this.type(field.type, nodes);
    if (!node || !complete) return undefined;
    const typename = parent.name;
    const { name, resolve } = field;
    if (!resolve) {
      const isLeaf = isLeafType(getNamedType(field.type));
      return (source, prev, run) =>
        complete(plainProperty(source, name, run), isLeaf ? prev : { prev, key, typename }, run);
    }
    const { schema, fragments, operation } = this;
    const argumentsOf = readerOfArguments(field, node);
    const isNonNull = isNonNullType(field.type);
    const failed = (error: unknown, path: ResponsePath, run: Run): null => {
      const located = locatedError(error, nodes, responsePathAsArray(path));
      if (!isNonNull) {
        run.errors.push(located);
        return null;
      }
      // What cannot be null takes what is above it along.
      run.failure ??= located;
      return wrong(run);
    };
    return (source, prev, run) => {
      const path = { prev, key, typename };
      const { variables: variableValues, context } = run;
      try {
        const args = argumentsOf(variableValues);
        const value: unknown = resolve(source, args, context, {
          fieldName: name,
          fieldNodes: nodes,
          returnType: field.type,
          parentType: parent,
          path,
          schema,
          fragments,
          rootValue: undefined,
          operation,
          variableValues,
        });
        if (!isPromise(value)) return complete(value, path, run);
        return value.then(
          (settled) => complete(settled, path, run),
          (error: unknown) => failed(error, path, run),
        );
      } catch (error) {
        return failed(error, path, run);
      }
    };
  }

  private type(type: GraphQLOutputType, nodes: readonly FieldNode[]): Step | undefined {
    if (isNonNullType(type)) {
      const complete = this.type(type.ofType, nodes);
      return (
        complete &&
        ((value, path, run) =>
          value === null || value === undefined ? wrong(run) : complete(value, path, run))
      );
    }
    const complete = this.present(type, nodes);
    return (
      complete &&
      ((value, path, run) => {
        if (value === null || value === undefined) return null;
        return value instanceof Error ? wrong(run) : complete(value, path, run);
      })
    );
  }

  /** What is neither null nor an error. */
  private present(type: GraphQLOutputType, nodes: readonly FieldNode[]): Step | undefined {
    if (isLeafType(type)) {
      return (value, _path, run) => {
        try {
          return type.serialize(value) ?? wrong(run);
        } catch {
          return wrong(run);
        }
      };
    }
    if (isObjectType(type)) {
      const fields = collectSubfields(this.schema, this.fragments, {}, type, nodes);
      return this.object(type, fields);
    }
    if (!isListType(type)) return undefined;
    const complete = this.type(type.ofType, nodes);
    return (
      complete &&
      ((value, prev, run) => {
        if (!Array.isArray(value)) return wrong(run);
        let isWaiting = false;
        const items = value.map((item: unknown, key) => {
          if (isPromise(item)) return wrong(run);
          const done = complete(item, { prev, key, typename: undefined }, run);
          isWaiting ||= isPromise(done);
          return done;
        });
        return isWaiting ? Promise.all(items) : items;
      })
    );
  }
}

/** Where each argument is a variable that has a value, nothing is left to be made of it. */
function readerOfArguments(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
): (variables: Readonly<Answer>) => Answer {
  if (field.args.length === 0) return () => ({});
  const given = new Map(node.arguments?.map(({ name, value }) => [name.value, value]));
  const sources: (readonly [name: string, variable: string])[] = [];
  for (const { name } of field.args) {
    const value = given.get(name);
    if (value?.kind !== Kind.VARIABLE) {
      return (variables) => getArgumentValues(field, node, variables);
    }
    sources.push([name, value.name.value]);
  }
  return (variables) => {
    const values: Answer = {};
    for (const [name, variable] of sources) {
      const value = variables[variable];
      if (value === undefined || value === null) return getArgumentValues(field, node, variables);
      values[name] = value;
    }
    return values;
  };
}

/** What a resolver that is not there would give. */
function plainProperty(source: unknown, name: string, run: Run): unknown {
  if (typeof source !== "object" || source === null) return undefined;
  const value: unknown = Reflect.get(source, name);
  // Called by graphql-js, or waited for.
  return typeof value === "function" || isPromise(value) ? wrong(run) : value;
}

function wrong(run: Run): null {
  run.isWrong = true;
  return null;
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== "object" || value === null || !("then" in value)) return false;
  return typeof value.then === "function";
}
