import { expect, test } from "vitest";
import { createCache } from "../../src/console/api/graphql-cache.js";
import {
  AgentVersionsDocument,
  AgentWidgetsDocument,
} from "../../src/console/generated/operations.js";

const ID = "00000000-0000-4000-8000-000000000001";

function page(ids: readonly string[], endCursor: string | null) {
  return {
    __typename: "WidgetConnection",
    nodes: ids.map((id) => ({ __typename: "Widget", id, config: {}, agentVersionId: ID })),
    pageInfo: { __typename: "PageInfo", hasNextPage: endCursor !== null, endCursor },
  } as const;
}

test("an agent's further widgets stand behind the first ones, until those are read anew", () => {
  const cache = createCache();
  const shown = { query: AgentVersionsDocument, variables: { id: ID, readsWidgets: true } };
  const readFirst = (): void => {
    const agent = {
      __typename: "Agent",
      id: ID,
      name: "Ada",
      description: null,
      active: true,
      publishedVersion: null,
      widgets: page(["a", "b"], "b"),
      versions: null,
    } as const;
    cache.writeQuery({ ...shown, data: { agent } });
  };
  const readMore = (after: string, widgets: ReturnType<typeof page>): void => {
    const agent = { __typename: "Agent", id: ID, widgets } as const;
    cache.writeQuery({
      query: AgentWidgetsDocument,
      variables: { id: ID, after },
      data: { agent },
    });
  };
  const widgets = () => cache.readQuery(shown)?.agent?.widgets;
  readFirst();
  readMore("b", page(["c", "d"], "d"));
  readMore("d", page(["e"], null));
  expect(widgets()?.nodes.map(({ id }) => id)).toEqual(["a", "b", "c", "d", "e"]);
  expect(widgets()?.pageInfo.hasNextPage).toBe(false);
  readFirst();
  expect(widgets()?.nodes.map(({ id }) => id)).toEqual(["a", "b"]);
  expect(widgets()?.pageInfo).toMatchObject({ hasNextPage: true, endCursor: "b" });
});
