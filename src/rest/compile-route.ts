import {
  getNullableType,
  isInputType,
  isObjectType,
  Kind,
  OperationTypeNode,
  parse,
  typeFromAST,
  validate,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import { restName } from "./rest-name.js";
import type { Route } from "./routes.js";
import { shapeOf, type Shape } from "./shape.js";

/** Where a variable of an operation is read from. */
export interface RouteVariable {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly source: "path" | "query" | "body" | "body_field" | "flag";
  /** Its name in the path, the query string or the body. */
  readonly restName: string;
  /** What its argument says of itself. */
  readonly description: string;
}

/** A route with its operation parsed and validated: all that can be done before the first request. */
export interface CompiledRoute {
  readonly route: Route;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: readonly RouteVariable[];
  /** The one field that is unwrapped. */
  readonly rootField: string;
  /** The shape of the answer; of one item when `isList`. */
  readonly shape: Shape;
  readonly isList: boolean;
}

/** @throws Error at start when a row and the schema do not fit. */
export function compileRoute(schema: GraphQLSchema, route: Route): CompiledRoute {
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
  const whole = shapeOf(field.type, selection.selectionSet);
  const nodes =
    isConnection(field.type) && whole.kind === "object"
      ? whole.fields.find((item) => item.graphqlName === "nodes")
      : undefined;
  const item = nodes?.shape.kind === "list" ? nodes.shape.item : undefined;
  return {
    route,
    document,
    operation,
    variables: (operation.variableDefinitions ?? []).map((definition) => {
      const type = typeFromAST(schema, definition.type);
      if (!isInputType(type)) throw new Error(`${route.path}: $${definition.variable.name.value}`);
      const name = definition.variable.name.value;
      return variableOf(route, name, type, describe(selection, field, name));
    }),
    rootField: selection.name.value,
    shape: item ?? whole,
    isList: item !== undefined,
  };
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

function variableOf(
  route: Route,
  name: string,
  type: GraphQLInputType,
  description: string,
): RouteVariable {
  const variable = { name, type, restName: restName(name), description };
  if (route.path.includes(`{${variable.restName}}`)) return { ...variable, source: "path" };
  if (route.flags?.[name]) return { ...variable, source: "flag" };
  if (route.method === "GET") return { ...variable, source: "query" };
  return { ...variable, source: name === "input" ? "body" : "body_field" };
}

function isConnection(type: GraphQLOutputType): boolean {
  const bare = getNullableType(type);
  return isObjectType(bare) && bare.name.endsWith("Connection");
}
