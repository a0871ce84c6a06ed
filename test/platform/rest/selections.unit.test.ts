import { getNamedType, isObjectType, Kind, parse, type SelectionSetNode } from "graphql";
import { expect, test } from "vitest";
import { detachedSchema } from "../../../src/tooling/emit-schema.js";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import { routeKey } from "../../support/operations.js";

const schema = detachedSchema();

/** What REST leaves out of a type, and why. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  "Widget.agent": "REST answers its id.",
  "Widget.agentVersion": "REST answers its id.",
  "Widget.conversations": "A list of its own.",
  "Widget.draft": "For the console alone.",
  "Widget.embedSnippet": "Not documented.",
  "Widget.pinnedEmbedSnippet": "Not documented.",
  "Widget.readiness": "Not documented.",
  "Widget.revisions": "For the console alone.",
  "Widget.security": "A path of its own.",
  "Widget.usage": "A path of its own.",
  "AgentVersion.agent": "REST answers its id.",
  "AgentVersion.warnings": "Not documented.",
  "Agent.draft": "One of its versions.",
  "Agent.publishedVersion": "One of its versions.",
  "Agent.versions": "In the detail only.",
  "Agent.widgets": "In the detail only.",
  "Agent.conversationStatistics": "In the detail only.",
  "Conversation.agentVersion": "REST answers its id.",
  "Conversation.widget": "REST answers its id.",
  "Conversation.conversation": "In the detail only.",
  "Conversation.test":
    "For the console alone: no list has one, and to a token of its maker alone it is there.",
  "PublicConversation.firstWords": "In the list only.",
};

/** A page is its nodes in REST, and the Link header tells of the next. */
const OF_A_PAGE = new Set(["edges", "pageInfo"]);

/** The fields of each selected type that the selection does not name. */
function missingIn(type: unknown, { selections }: SelectionSetNode): string[] {
  if (!isObjectType(type)) return [];
  const isPage = type.name.endsWith("Connection") || type.name === "PageInfo";
  const selected = new Map(
    selections.map((node) => {
      if (node.kind !== Kind.FIELD) throw new Error("REST operations select plain fields");
      return [node.name.value, node] as const;
    }),
  );
  return Object.values(type.getFields()).flatMap((field) => {
    const node = selected.get(field.name);
    if (node) {
      return node.selectionSet ? missingIn(getNamedType(field.type), node.selectionSet) : [];
    }
    return isPage || OF_A_PAGE.has(field.name) ? [] : [`${type.name}.${field.name}`];
  });
}

const missing = new Map(
  ROUTES.map((route) => {
    const [operation] = parse(route.operation).definitions;
    if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error(routeKey(route));
    const root = operation.operation === "query" ? schema.getQueryType() : schema.getMutationType();
    const names = operation.selectionSet.selections.flatMap((node) =>
      node.kind === Kind.FIELD && node.selectionSet
        ? missingIn(getNamedType(root?.getFields()[node.name.value]?.type), node.selectionSet)
        : [],
    );
    return [routeKey(route), names] as const;
  }),
);

test("a REST row answers each field of its type, unless it is left out for a reason", () => {
  const unexplained = [...missing].flatMap(([row, names]) =>
    names.filter((name) => !(name in LEFT_OUT)).map((name) => `${row}: ${name}`),
  );
  expect(unexplained).toEqual([]);
});

test("what is said to be left out is left out somewhere", () => {
  const names = new Set([...missing.values()].flat());
  expect(Object.keys(LEFT_OUT).filter((name) => !names.has(name))).toEqual([]);
});
