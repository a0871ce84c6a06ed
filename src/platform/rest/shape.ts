import {
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  Kind,
  type GraphQLEnumType,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type SelectionSetNode,
} from "graphql";
import { parseJson } from "../input/exact-json.js";
import { snakeCase } from "../http/rest-name.js";
import { NULL_MEMBERS } from "./telephony.js";

/** How one GraphQL value is written in REST. Made once per route from its operation. */
export type Shape =
  | { readonly kind: "leaf"; readonly scalar: string; readonly nullable: boolean }
  | { readonly kind: "enum"; readonly type: GraphQLEnumType; readonly nullable: boolean }
  | { readonly kind: "list"; readonly item: Shape; readonly nullable: boolean }
  /** Null, whatever GraphQL answers. */
  | { readonly kind: "none"; readonly scalar: string; readonly nullable: boolean }
  /** A page below the root: in REST a plain list. */
  | { readonly kind: "nodes"; readonly nodes: Shape; readonly nullable: boolean }
  | {
      readonly kind: "object";
      readonly name: string;
      readonly fields: readonly ShapeField[];
      readonly nullable: boolean;
    };

interface ShapeField {
  readonly graphqlName: string;
  readonly restName: string;
  readonly description: string;
  /** Selected under a condition, so not in every answer. */
  readonly conditional: boolean;
  readonly shape: Shape;
}

/** The one documented exception to snake_case (contract section 3). */
const CAMEL_CASE_TYPES: ReadonlySet<string> = new Set(["Capabilities"]);

/** The shape of a selection. Our operations have no fragments, so fields are all there is. */
export function shapeOf(type: GraphQLOutputType, selection: SelectionSetNode | undefined): Shape {
  const nullable = !isNonNullType(type);
  const bare = getNullableType(type);
  if (isListType(bare)) return { kind: "list", item: shapeOf(bare.ofType, selection), nullable };
  if (isEnumType(bare)) return { kind: "enum", type: bare, nullable };
  if (isScalarType(bare)) return { kind: "leaf", scalar: bare.name, nullable };
  if (!isObjectType(bare)) throw new Error(`REST has no form for ${bare.name}`);
  return { kind: "object", name: bare.name, nullable, fields: fieldsOf(bare, selection) };
}

/** A GraphQL answer in REST's spelling: snake_case keys, lower-case literals; JSON documents stay as they are. */
export function toRest(value: unknown, shape: Shape): unknown {
  if (value === null || value === undefined) return null;
  switch (shape.kind) {
    case "leaf":
      return value;
    case "none":
      return null;
    case "enum":
      return shape.type.getValue(String(value))?.value;
    case "list":
      return Array.isArray(value) ? value.map((item) => toRest(item, shape.item)) : value;
    case "nodes":
      return toRest(Reflect.get(Object(value), "nodes"), shape.nodes);
    case "object": {
      const answer: Record<string, unknown> = {};
      for (const field of shape.fields) {
        const inner: unknown = Reflect.get(Object(value), field.graphqlName);
        if (inner !== undefined) answer[field.restName] = toRest(inner, field.shape);
      }
      return answer;
    }
  }
}

/** A REST value as GraphQL takes it; what does not fit is passed on, for the check to name it. */
function fromRest(value: unknown, type: GraphQLInputType): unknown {
  if (value === null || value === undefined) return value;
  const bare = getNullableType(type);
  if (isListType(bare)) {
    // GraphQL would take a single value for a list of one; `{}` is no valid item of any list here, so GraphQL refuses it.
    return Array.isArray(value) ? value.map((item) => fromRest(item, bare.ofType)) : {};
  }
  if (isEnumType(bare)) return enumNameOf(bare, value);
  if (!isInputObjectType(bare)) return value;
  if (typeof value !== "object" || Array.isArray(value)) return value;
  return inputFromRest(value, bare);
}

/** Of the input that such a field holds exactly one field is given: in a REST body they stand beside the others. */
export function alternativesOf(field: GraphQLInputField): GraphQLInputObjectType | undefined {
  const type = getNullableType(field.type);
  return isInputObjectType(type) && type.isOneOf ? type : undefined;
}

/** A field of an input, and how a REST body writes it. */
interface InputField {
  readonly name: string;
  readonly key: string;
  readonly type: GraphQLInputType;
  readonly alternatives: GraphQLInputObjectType | undefined;
}

const inputFields = new WeakMap<GraphQLInputObjectType, readonly InputField[]>();

function inputFieldsOf(type: GraphQLInputObjectType): readonly InputField[] {
  const known =
    inputFields.get(type) ??
    Object.values(type.getFields()).map((field) => ({
      name: field.name,
      key: snakeCase(field.name),
      type: field.type,
      alternatives: alternativesOf(field),
    }));
  inputFields.set(type, known);
  return known;
}

/** An object's known fields; the others are ignored (contract section 3). */
export function inputFromRest(
  value: object,
  type: GraphQLInputObjectType,
): Record<string, unknown> {
  const input: Record<string, unknown> = {};
  for (const { name, key, type: inner, alternatives } of inputFieldsOf(type)) {
    if (alternatives) {
      // Null means absent, and GraphQL would take it for one of two.
      const given = Object.entries(inputFromRest(value, alternatives));
      input[name] = Object.fromEntries(given.filter(([, one]) => one !== null));
    } else if (Object.hasOwn(value, key)) {
      input[name] = fromRest(Reflect.get(value, key), inner);
    }
  }
  return input;
}

/** A query parameter's text as GraphQL takes it. */
export function fromQuery(text: string, type: GraphQLInputType): unknown {
  const named = getNamedType(type);
  if (isEnumType(named)) return enumNameOf(named, text);
  switch (named.name) {
    case "Boolean":
      return text === "true" ? true : text === "false" ? false : text;
    case "Int":
      return /^-?\d{1,15}$/.test(text) ? Number(text) : text;
    case "JSONObject":
      return jsonOrText(text);
    case "DateTime":
      // An unescaped "+" of a zone arrives as a space.
      return text.replace(" ", "+");
    default:
      return text;
  }
}

function fieldsOf(type: GraphQLObjectType, selection: SelectionSetNode | undefined): ShapeField[] {
  return (selection?.selections ?? []).flatMap((node) => {
    if (node.kind !== Kind.FIELD) throw new Error("REST operations select plain fields");
    const field = type.getFields()[node.name.value];
    if (!field) throw new Error(`${type.name} has no field ${node.name.value}`);
    const here = {
      graphqlName: field.name,
      conditional: (node.directives ?? []).length > 0,
    };
    return [
      {
        ...here,
        restName: CAMEL_CASE_TYPES.has(type.name) ? field.name : snakeCase(field.name),
        description: field.description ?? "",
        shape: isConnection(field.type)
          ? nodesOf(field.type, node.selectionSet)
          : shapeOf(field.type, node.selectionSet),
      },
      ...(NULL_MEMBERS[`${type.name}.${field.name}`] ?? []).map(
        ({ restName, description, scalar }) => ({
          ...here,
          restName,
          description,
          shape: { kind: "none" as const, scalar, nullable: true },
        }),
      ),
    ];
  });
}

export function isConnection(type: GraphQLOutputType): boolean {
  const bare = getNullableType(type);
  return isObjectType(bare) && bare.name.endsWith("Connection");
}

function nodesOf(type: GraphQLOutputType, selection: SelectionSetNode | undefined): Shape {
  const page = shapeOf(type, selection);
  const nodes =
    page.kind === "object" && page.fields.find(({ graphqlName }) => graphqlName === "nodes");
  if (!nodes) throw new Error(`${String(type)} is selected without its nodes`);
  return { kind: "nodes", nodes: nodes.shape, nullable: false };
}

function enumNameOf(type: GraphQLEnumType, value: unknown): unknown {
  if (typeof value !== "string") return value;
  return (
    type.getValues().find((candidate) => candidate.value === value.toLowerCase())?.name ?? value
  );
}

function jsonOrText(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
