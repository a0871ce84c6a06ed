import type { DocumentNode, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { FieldError } from "../errors.js";
import { checkLiterals } from "./check-input.js";
import { sizesOf, type Size } from "./document-size.js";
import { planOf, type Plan } from "./plan.js";

/** What is known of an operation before its variables are. */
interface KnownOperation {
  /** What is wrong with the values in its document. */
  readonly literalErrors: readonly FieldError[];
  readonly plan: Plan | undefined;
  /** @throws GraphQLError for an argument that is wrong. */
  size(variables: Readonly<Record<string, unknown>>): Size;
}

/**
 * Clients send the same few documents again and again. Apollo keeps those that are parsed and valid,
 * within a bound of its own; what else is found out about one is kept for as long.
 */
export class KnownOperations {
  private readonly known = new WeakMap<OperationDefinitionNode, KnownOperation>();

  constructor(private readonly schema: GraphQLSchema) {}

  /** @param document that is valid, with the operation in it. */
  of(document: DocumentNode, operation: OperationDefinitionNode): KnownOperation {
    const known = this.known.get(operation);
    if (known) return known;
    const made = {
      literalErrors: checkLiterals(document),
      plan: planOf(this.schema, document, operation),
      size: sizesOf(this.schema, document, operation),
    };
    this.known.set(operation, made);
    return made;
  }
}
