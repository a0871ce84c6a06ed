import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { FieldError } from "../errors.js";
import { checkLiterals } from "./check-input.js";
import { sizesOf, type Size } from "./document-size.js";
import { planOf, type Plan } from "./plan.js";

/** What is known of an operation before its variables are. */
export interface KnownOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** What is wrong with the values in its document. */
  readonly literalErrors: readonly FieldError[];
  readonly plan: Plan | undefined;
  /** @throws GraphQLError for an argument that is wrong. */
  size(variables: Readonly<Record<string, unknown>>): Size;
}

/** Few programs ask in many ways: what is kept is a few megabytes at most. */
const MOST_TEXTS = 200;
const LONGEST_TEXT = 2_000;

/**
 * Clients send the same few documents again and again. Apollo keeps those that are parsed and valid,
 * within a bound of its own; what else is found out about one is kept for as long.
 */
export class KnownOperations {
  private readonly known = new WeakMap<OperationDefinitionNode, KnownOperation>();
  private readonly byText = new Map<string, KnownOperation>();

  constructor(readonly schema: GraphQLSchema) {}

  /** @param document that is valid, with the operation in it. */
  of(document: DocumentNode, operation: OperationDefinitionNode): KnownOperation {
    const known = this.known.get(operation);
    if (known) return known;
    const made = {
      document,
      operation,
      literalErrors: checkLiterals(document),
      plan: planOf(this.schema, document, operation),
      size: sizesOf(this.schema, document, operation),
    };
    this.known.set(operation, made);
    return made;
  }

  /** For a query that was answered without an error: from now on it is found by its words. */
  remember(query: string, name: string | undefined, known: KnownOperation): void {
    if (query.length > LONGEST_TEXT) return;
    this.byText.set(textOf(query, name), known);
    const [oldest] = this.byText.keys();
    if (this.byText.size > MOST_TEXTS && oldest !== undefined) this.byText.delete(oldest);
  }

  /** @param name of the operation; undefined: the only one. */
  find(query: string, name: string | undefined): KnownOperation | undefined {
    return this.byText.get(textOf(query, name));
  }
}

/** A name has no line break. */
function textOf(query: string, name: string | undefined): string {
  return name === undefined ? query : `${name}\n${query}`;
}
