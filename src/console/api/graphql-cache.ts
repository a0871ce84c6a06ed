import { InMemoryCache, type FieldMergeFunction } from "@apollo/client";

/** There is one of it, without an id. */
const ONE_ALONE = { keyFields: [] } as const;

interface Connection {
  readonly nodes: readonly unknown[];
}

/** What comes after a cursor stands behind what is there; what comes without one is the list from its beginning. */
const appended: FieldMergeFunction<Connection> = (before, more, { args }) =>
  before && args?.["after"] ? { ...more, nodes: [...before.nodes, ...more.nodes] } : more;

/** What the pages of one organization know. */
export function createCache(): InMemoryCache {
  return new InMemoryCache({
    typePolicies: {
      Viewer: ONE_ALONE,
      Me: ONE_ALONE,
      Agent: { fields: { widgets: { keyArgs: ["first"], merge: appended } } },
    },
  });
}
