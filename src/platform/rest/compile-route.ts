import {
  getNullableType,
  isInputObjectType,
  isInputType,
  Kind,
  OperationTypeNode,
  parse,
  typeFromAST,
  validate,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { planOf, type Plan } from "../graphql/plan.js";
import { restName } from "../http/rest-name.js";
import type { Route } from "./route.js";
import { isConnection, shapeOf, type Shape } from "./shape.js";

/** Where a variable of an operation, or a field of its `$input`, is read from. */
export interface RouteVariable {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly source: "path" | "query" | "flag";
  /** Its name in the path or the query string. */
  readonly restName: string;
  /** What its argument or field says of itself. */
  readonly description: string;
  /** Whether it is a field of `$input`. */
  readonly inInput: boolean;
}

/** What of `$input` is read from the body. */
export interface RouteBody {
  readonly type: GraphQLInputObjectType;
  /** Those that the path does not name; none: there is no body. */
  readonly fields: readonly GraphQLInputField[];
  readonly required: boolean;
}

/** A route with its operation parsed and validated: all that can be done before the first request. */
export interface CompiledRoute {
  readonly route: Route;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly plan: Plan | undefined;
  readonly variables: readonly RouteVariable[];
  readonly body: RouteBody | undefined;
  /** The field of the root that is answered, and in a payload the one below it. */
  readonly answered: readonly string[];
  /** The shape of the answer; of one item when `isList`. */
  readonly shape: Shape;
  readonly isList: boolean;
}

const compiledRoutes = new WeakMap<GraphQLSchema, Map<Route, CompiledRoute>>();

/**
 * Once for each route of a schema: several places serve it, or tell of it.
 *
 * @throws Error at start when a row and the schema do not fit.
 */
export function compileRoute(schema: GraphQLSchema, route: Route): CompiledRoute {
  const known = compiledRoutes.get(schema) ?? new Map<Route, CompiledRoute>();
  compiledRoutes.set(schema, known);
  const compiled = known.get(route) ?? compile(schema, route);
  known.set(route, compiled);
  return compiled;
}

function compile(schema: GraphQLSchema, route: Route): CompiledRoute {
  const document = parse(route.operation);
  const errors = validate(schema, document);
  if (errors.length > 0)
    throw new Error(
      `${route.method} ${route.path}: ${errors.map((error) => error.message).join(" ")}`,
    );
  const [operation] = document.definitions;
  if (operation?.kind !== Kind.OPERATION_DEFINITION)
    throw new Error(`${route.path} has no operation`);
  const root =
    operation.operation === OperationTypeNode.QUERY
      ? schema.getQueryType()
      : schema.getMutationType();
  const [selection] = operation.selectionSet.selections;
  if (!root || selection?.kind !== Kind.FIELD) throw new Error(`${route.path} selects no field`);
  const field = root.getFields()[selection.name.value];
  if (!field) throw new Error(`${route.path}: unknown field`);
  const payload = shapeOf(field.type, selection.selectionSet);
  const whole = route.unwraps === undefined ? payload : fieldOf(payload, route.unwraps);
  if (!whole) throw new Error(`${route.path}: ${selection.name.value} has no ${route.unwraps}`);
  const nodes = isConnection(field.type) ? fieldOf(whole, "nodes") : undefined;
  const item = nodes?.kind === "list" ? nodes.item : undefined;
  const given = (operation.variableDefinitions ?? []).map((definition) => {
    const type = typeFromAST(schema, definition.type);
    const name = definition.variable.name.value;
    if (!isInputType(type)) throw new Error(`${route.path}: $${name}`);
    return { name, type, description: describe(selection, field, name) };
  });
  const input = given.map(({ type }) => getNullableType(type)).find(isInputObjectType);
  const isInPath = ({ name }: { name: string }): boolean =>
    route.path.includes(`{${restName(name)}}`);
  const inputFields = Object.values(input?.getFields() ?? {});
  const isRead = route.method === "GET";
  const telephony = Object.values(route.telephony?.getFields() ?? {});
  const filters = isRead
    ? telephony.map(({ name, type, description }) => ({
        name,
        type,
        description: description ?? "",
      }))
    : [];
  const isGiven = ({ name }: { name: string }): boolean => route.given?.[name] !== undefined;
  const bodyFields = [
    ...inputFields.filter((one) => !isInPath(one) && !isGiven(one)),
    ...(isRead ? [] : telephony),
  ];
  return {
    route,
    document,
    operation,
    plan: planOf(schema, document, operation, { mayWrite: true }),
    variables: [
      ...[...given, ...filters]
        .filter(({ type }) => getNullableType(type) !== input)
        .map((one) => ({
          ...one,
          restName: restName(one.name),
          source: isInPath(one)
            ? ("path" as const)
            : route.flags?.[one.name]
              ? ("flag" as const)
              : ("query" as const),
          inInput: false,
        })),
      ...inputFields.filter(isInPath).map(({ name, type, description }) => ({
        name,
        type,
        restName: restName(name),
        description: description ?? "",
        source: "path" as const,
        inInput: true,
      })),
    ],
    body: input && {
      type: input,
      fields: bodyFields,
      required: bodyFields.length > 0 && !route.bodyOptional,
    },
    answered: [selection.name.value, ...(route.unwraps === undefined ? [] : [route.unwraps])],
    // Where nothing is found, the answer is an error and no null.
    shape: item ?? { ...whole, nullable: false },
    isList: item !== undefined,
  };
}

function fieldOf(shape: Shape, name: string): Shape | undefined {
  return shape.kind === "object"
    ? shape.fields.find((item) => item.graphqlName === name)?.shape
    : undefined;
}

function describe(
  node: FieldNode,
  field: GraphQLField<unknown, unknown>,
  variable: string,
): string {
  const argument = node.arguments?.find(
    ({ value }) => value.kind === Kind.VARIABLE && value.name.value === variable,
  );
  return field.args.find(({ name }) => name === argument?.name.value)?.description ?? "";
}
