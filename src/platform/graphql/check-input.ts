import {
  BREAK,
  coerceInputValue,
  getNullableType,
  isInputObjectType,
  isInputType,
  isNonNullType,
  Kind,
  typeFromAST,
  valueFromAST,
  visit,
  type ArgumentNode,
  type ASTNode,
  type ConstValueNode,
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  type ObjectFieldNode,
  type OperationDefinitionNode,
} from "graphql";
import type { Rule } from "../../protocol/refusal.js";
import type { FieldError } from "../errors.js";
import { isHeldByDouble } from "../input/exact-json.js";
import {
  findForbiddenText,
  joinPath,
  MAX_DEPTH,
  NUMBER_NOT_HELD,
} from "../input/forbidden-text.js";

/** GraphQL's sentences about an input with `@oneOf` of which not exactly one field is given. */
const NOT_ONE =
  /^Exactly one key must be specified|^OneOf Input Object |^Field ".*" must be non-null\.$/;
/** One answer names at most so many errors. */
const MAX_ERRORS = 50;
/** Ends the search for more. One for all, since an error notes where it was made, which takes longer than the check. */
const ENOUGH = new Error("enough errors were found");

/** A variable of an operation, as far as no request is needed to know it. */
interface Variable {
  readonly name: string;
  readonly type: GraphQLInputType;
  readonly isRequired: boolean;
  readonly isInputObject: boolean;
  readonly defaultValue: ConstValueNode | undefined;
}

/** What is wrong with a value, wherever it stands. */
type Refused = Omit<FieldError, "path">;

const NOT_VALID = "Is not valid.";
const REQUIRED: Refused = { message: "Is required.", rule: "required" };
const UNKNOWN_FIELD: Refused = { message: "Is not known.", rule: "unknown_field" };
const NUMBER_RULES: Readonly<Record<string, Rule>> = { Int: "whole_number", Float: "number" };

const knownVariables = new WeakMap<OperationDefinitionNode, readonly Variable[]>();

function variablesOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
): readonly Variable[] {
  const known = knownVariables.get(operation) ?? readDefinitions(schema, operation);
  knownVariables.set(operation, known);
  return known;
}

function readDefinitions(schema: GraphQLSchema, operation: OperationDefinitionNode): Variable[] {
  return (operation.variableDefinitions ?? []).flatMap((definition) => {
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type)) return [];
    const { defaultValue } = definition;
    return {
      name: definition.variable.name.value,
      type,
      isRequired: isNonNullType(type) && !defaultValue,
      isInputObject: isInputObjectType(getNullableType(type)),
      defaultValue,
    };
  });
}

/** What is wrong with variables; where nothing is, what GraphQL makes of them. */
export interface CheckedVariables {
  readonly errors: readonly FieldError[];
  readonly coerced: Readonly<Record<string, unknown>>;
}

/**
 * Checks an operation's variables as GraphQL will, but names each wrong field by its path and never
 * repeats a value. The arguments of both doors pass here.
 */
export function checkVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): CheckedVariables {
  const all: FieldError[] = [];
  const coerced: Record<string, unknown> = {};
  for (const variable of variablesOf(schema, operation)) {
    const { name, type, isRequired, isInputObject, defaultValue } = variable;
    const value = variables[name];
    if (value === undefined && !isRequired) {
      if (defaultValue) coerced[name] = valueFromAST(defaultValue, type);
      continue;
    }
    const { errors, coerced: fit } = coerceValue(type, value, name);
    coerced[name] = fit;
    for (const error of errors) {
      all.push(isInputObject ? { ...error, path: withoutName(error.path, name) } : error);
    }
  }
  return { errors: all, coerced };
}

/** What is written into the document itself: the same rules as for variables. */
export function checkLiterals(document: DocumentNode): FieldError[] {
  const errors: FieldError[] = [];
  let depth = 0;
  const tooDeep = (at: readonly (string | number)[]): false | undefined => {
    depth += 1;
    if (depth <= MAX_DEPTH) return undefined;
    errors.push({
      path: literalPath(document, at),
      message: `Nested deeper than ${MAX_DEPTH} levels.`,
    });
    depth -= 1;
    // Not walked into: one error says it all.
    return false;
  };
  const leave = (): void => void (depth -= 1);
  const held = (text: string, at: readonly (string | number)[]): void => {
    if (!isHeldByDouble(text))
      errors.push({ path: literalPath(document, at), message: NUMBER_NOT_HELD });
  };
  visit(document, {
    ObjectValue: { enter: (_node, _key, _parent, at) => tooDeep(at), leave },
    ListValue: { enter: (_node, _key, _parent, at) => tooDeep(at), leave },
    StringValue: (node, _key, _parent, at) => {
      const found = findForbiddenText(node.value, literalPath(document, at));
      if (found) errors.push(found);
    },
    ObjectField: (node, _key, _parent, at) => {
      if (node.name.value !== "__proto__") return;
      errors.push({ path: literalPath(document, at), message: "This key is not allowed." });
    },
    IntValue: (node, _key, _parent, at) => held(node.value, at),
    FloatValue: (node, _key, _parent, at) => held(node.value, at),
  });
  return errors.slice(0, MAX_ERRORS);
}

/**
 * GraphQL's own refusal of a literal without the literal, which it repeats.
 *
 * @returns undefined for a refusal that is not about a value.
 */
export function withoutLiteral(message: string): Refused | undefined {
  if (message.endsWith(" must not be null."))
    return { message: "Cannot be null.", rule: "required" };
  if (NOT_ONE.test(message)) return refusedFor(message, "");
  if (!/^Expected value of type |cannot represent |^Value ".*" does not exist in /s.test(message)) {
    return undefined;
  }
  const type = /^Expected value of type "([^"]+)"/.exec(message)?.[1];
  const refused = refusedFor(message, "");
  return type && refused.message === NOT_VALID ? ofType(type) : refused;
}

/** Where a literal stands: its argument and the keys below it. "" for a node that is not in the document. */
export function pathOfLiteral(document: DocumentNode, literal: ASTNode): string {
  let found = "";
  visit(document, {
    enter: (node, _key, _parent, at) => {
      if (node !== literal) return undefined;
      found = literalPath(document, at);
      return BREAK;
    },
  });
  return found;
}

/** The argument and the keys below it that lead to a literal. */
function literalPath(document: DocumentNode, at: readonly (string | number)[]): string {
  let node: unknown = document;
  let path = "";
  for (const [index, step] of at.entries()) {
    node = Reflect.get(Object(node), step);
    const kind: unknown = Reflect.get(Object(node), "kind");
    if (kind === Kind.ARGUMENT || kind === Kind.OBJECT_FIELD) {
      path = joinPath(path, (node as ArgumentNode | ObjectFieldNode).name.value);
    } else if (at[index - 1] === "values") {
      path = joinPath(path, String(step));
    }
  }
  return withoutName(path, "input");
}

/** One value by its type; `name` is the first step of the paths. */
export function checkValue(type: GraphQLInputType, value: unknown, name: string): FieldError[] {
  return coerceValue(type, value, name).errors;
}

function coerceValue(
  type: GraphQLInputType,
  value: unknown,
  name: string,
): { errors: FieldError[]; coerced?: unknown } {
  const forbidden = findForbiddenText(value, name);
  if (forbidden) return { errors: [forbidden] };
  const errors: FieldError[] = [];
  const note = (path: readonly (string | number)[], wrongValue: unknown, error: Error): void => {
    // Of a list that is wrong in every place the rest would only take time.
    if (errors.length === MAX_ERRORS) throw ENOUGH;
    // Which of several is meant is asked once each is right by itself.
    if (errors.length > 0 && NOT_ONE.test(error.message)) return;
    const where = path.reduce<string>((text, step) => joinPath(text, String(step)), name);
    const missing = /^Field "(\w+)" of required type/.exec(error.message)?.[1];
    const unknown = /^Field "(\w+)" is not defined by type/.exec(error.message)?.[1];
    if (missing) errors.push({ path: joinPath(where, missing), ...REQUIRED });
    else if (unknown) errors.push({ path: joinPath(where, unknown), ...UNKNOWN_FIELD });
    else errors.push({ path: where, ...refusedFor(error.message, wrongValue) });
  };
  try {
    return { errors, coerced: coerceInputValue(value, type, note) };
  } catch (error) {
    if (error !== ENOUGH) throw error;
  }
  return { errors };
}

/** GraphQL's sentence without the value that it repeats. */
function refusedFor(message: string, value: unknown): Refused {
  if (value === undefined) return REQUIRED;
  if (value === null) return { message: "Cannot be null.", rule: "required" };
  if (NOT_ONE.test(message)) return { message: "Give exactly one of its fields." };
  if (/does not exist in|enum/i.test(message)) {
    return { message: "Must be one of the known values.", rule: "choice" };
  }
  const ours = /Must be [^;]*$/.exec(message)?.[0];
  if (ours) return { message: ours, rule: "type" };
  const type =
    /^Expected type "([^"]+)"/.exec(message)?.[1] ?? /^(\w+) cannot represent/.exec(message)?.[1];
  return type ? ofType(type) : { message: NOT_VALID };
}

function ofType(type: string): Refused {
  return { message: `Must be a value of type ${type}.`, rule: NUMBER_RULES[type] ?? "type" };
}

/** What carries an input object is a notion of the door; what is in it is the caller's. */
function withoutName(path: string, name: string): string {
  return path.startsWith(`${name}.`) ? path.slice(name.length + 1) : path;
}
