import type { GraphQLInputObjectType } from "graphql";
import type { Scope } from "../auth/scopes.js";

/**
 * The REST door: each row runs one named operation on the GraphQL schema with the same context, and
 * the OpenAPI document is made from the same rows. Variables are read by their names: `$id` from
 * `{id}` in the path, `$agentId` from `?agent_id=`, `$first` and `$after` from `?limit=` and
 * `?cursor=`. The fields of `$input` are read from the path where it names them, the others from the body.
 */
export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly summary: string;
  /** One of these is needed; absent on public routes. */
  readonly scopes?: readonly Scope[];
  readonly operation: string;
  /** The field of a mutation's payload that is answered; absent: the payload itself. */
  readonly unwraps?: string;
  /** Documented fields that only this door reads: in a query they match nothing, in a body they must be empty. */
  readonly telephony?: GraphQLInputObjectType;
  /** Fields of `$input`, in GraphQL's spelling, that this door gives itself. */
  readonly given?: Readonly<Record<string, string>>;
  /** Whether the body may be left out. */
  readonly bodyOptional?: true;
  readonly status: 200 | 201 | 204;
  /** Boolean variables that say what the token may see: what it may not is left out of the answer. */
  readonly flags?: Readonly<Record<string, readonly Scope[]>>;
  /** Whether clients may keep the answer and ask, by its ETag, whether it is still the same. */
  readonly revalidated?: true;
  /** Where the answer to a creation holds what names the thing made: a JSON pointer. */
  readonly creates?: string;
  /** Whether the same request may come again with the same `Idempotency-Key`. */
  readonly repeatable?: true;
  readonly tag: "Widgets" | "Agents" | "Conversations" | "Public runtime";
}

export const WIDGET_FIELDS = `id organizationId agentId agentVersionId domains published config createdAt updatedAt`;

export const page = (fields: string): string => `nodes { ${fields} } pageInfo { hasNextPage }`;
