import type { GraphQLSchema } from "graphql";

/** Resolver instances by their class: all the container that type-graphql needs. */
export type Container = ReadonlyMap<unknown, unknown>;

const containers = new WeakMap<GraphQLSchema, Container>();

/** For what type-graphql hands no instance to: the beginning of a subscription. */
export function keepContainer(schema: GraphQLSchema, container: Container): void {
  containers.set(schema, container);
}

/** @throws Error for a class that `compose.ts` made no instance of. */
export function instanceBehind<T>(
  schema: GraphQLSchema,
  someClass: abstract new (...args: never[]) => T,
): T {
  const instance = containers.get(schema)?.get(someClass);
  if (!(instance instanceof someClass)) throw new Error(`compose.ts made no ${someClass.name}`);
  return instance;
}
