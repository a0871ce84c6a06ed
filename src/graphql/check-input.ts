import {
  coerceInputValue,
  isInputType,
  Kind,
  typeFromAST,
  visit,
  type DocumentNode,
  type GraphQLInputType,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from "graphql";
import type { FieldError } from "../errors.js";
import { findForbiddenText, joinPath } from "../input-text.js";

/**
 * Checks an operation's variables as GraphQL will, but names each wrong field by its path and never
 * repeats a value. The arguments of both doors pass here.
 */
export function checkVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): FieldError[] {
  const errors: FieldError[] = [];
  for (const definition of operation.variableDefinitions ?? []) {
    const name = definition.variable.name.value;
    const type = typeFromAST(schema, definition.type);
    if (!isInputType(type)) continue;
    const value = variables[name];
    const forbidden = findForbiddenText(value, name);
    if (forbidden) errors.push(forbidden);
    else if (value !== undefined || (isRequired(type) && !definition.defaultValue)) {
      errors.push(...checkValue(type, value, name));
    }
  }
  return errors.map((error) => ({ ...error, path: withoutInput(error.path) }));
}

/** What is written into the document itself: strings that cannot be stored, keys that are not allowed. */
export function checkLiterals(document: DocumentNode): FieldError[] {
  const errors: FieldError[] = [];
  visit(document, {
    StringValue(node) {
      const found = findForbiddenText(node.value, "");
      if (found) errors.push(found);
    },
    ObjectField(node) {
      if (node.name.value === "__proto__")
        errors.push({ path: "__proto__", message: "This key is not allowed." });
    },
    FloatValue(node) {
      if (!Number.isFinite(Number(node.value)))
        errors.push({ path: "", message: "The number is too large." });
    },
    [Kind.INT](node: { value: string }) {
      if (!Number.isFinite(Number(node.value)))
        errors.push({ path: "", message: "The number is too large." });
    },
  });
  return errors;
}

function checkValue(type: GraphQLInputType, value: unknown, name: string): FieldError[] {
  const errors: FieldError[] = [];
  coerceInputValue(value, type, (path, wrongValue, error) => {
    const where = path.reduce<string>((text, step) => joinPath(text, String(step)), name);
    const missing = /^Field "(\w+)" of required type/.exec(error.message)?.[1];
    errors.push(
      missing
        ? { path: joinPath(where, missing), message: "Is required." }
        : { path: where, message: sentenceFor(error.message, wrongValue) },
    );
  });
  return errors.slice(0, 50);
}

/** GraphQL's sentence without the value that it repeats. */
function sentenceFor(message: string, value: unknown): string {
  if (value === undefined) return "Is required.";
  if (value === null) return "Cannot be null.";
  if (/is not defined by type/.test(message)) return "Has a field that is not known.";
  if (/does not exist in|enum/i.test(message)) return "Must be one of the known values.";
  const ours = /Must be [^;]*$/.exec(message)?.[0];
  if (ours) return ours;
  const type =
    /^Expected type "([^"]+)"/.exec(message)?.[1] ?? /^(\w+) cannot represent/.exec(message)?.[1];
  return type ? `Must be a value of type ${type}.` : "Is not valid.";
}

function isRequired(type: GraphQLInputType): boolean {
  return String(type).endsWith("!");
}

/** The variable that carries an input object is our own notion; what is in it is the caller's. */
function withoutInput(path: string): string {
  return path.startsWith("input.") ? path.slice("input.".length) : path;
}
