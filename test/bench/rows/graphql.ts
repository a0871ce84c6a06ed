import { ask } from "../../faults/ask.js";
import { CONNECTIONS, type LoadRequest } from "../load.js";
import type { Program } from "../program.js";
import type { Case, Row, Side } from "../row.js";
import { type Stage, widgetConfig } from "../stage.js";
import { titleChanger } from "./public-reads.js";

const FIELDS =
  "id organizationId agentId agentVersionId domains published config createdAt updatedAt";
const ONE = `query Widget($id: UUID!) { widget(id: $id) { ${FIELDS} } }`;
const PAGE = `query Widgets($first: Int!) {
  widgets(first: $first) { nodes { ${FIELDS} agent { id name } } pageInfo { hasNextPage } }
}`;
const PAGE_SIZE = 20;
const UPDATED_AT = `"updated_?[aA]t":"[^"]*"`;

/** `widget(id)` by a client with a key. */
export const graphqlWidget: Row = {
  name: "graphql-widget",
  cases: async (stage) => {
    const { widgetId } = await stage.things();
    const request = graphqlRequest(stage, { query: ONE, variables: { id: widgetId } });
    const before = await bothSides(stage, request);
    const change = titleChanger(stage, async (title) => {
      const body = await answerOf(before.ours.program, request);
      if (!body.includes(title)) throw new Error(`the change to ${title} is not seen in ${body}`);
    });
    await change();
    const after = await bothSides(stage, request);
    const either = (which: "ours" | "baseline"): Side => {
      const bodies = [before, after].flatMap((sides) => sides[which].bodies ?? []);
      return { ...after[which], bodies };
    };
    const sides = { ours: either("ours"), baseline: either("baseline") };
    return [{ path: "GraphQL widget(id)", bar: 1, ...sides, change }];
  },
};

/** Twenty of a few more widgets, each with its agent. */
export const graphqlPage: Row = {
  name: "graphql-page",
  cases: async (stage) => {
    const { agentId, versionId } = await stage.things();
    const config = widgetConfig("Ask us");
    const widget = { agent_id: agentId, agent_version_id: versionId, config };
    for (let n = 0; n < PAGE_SIZE + 5; n += 1) await stage.own("/core/web-widgets", widget);
    await stage.postgres.query("ANALYZE");
    const request = graphqlRequest(stage, { query: PAGE, variables: { first: PAGE_SIZE } });
    const sides = await bothSides(stage, request);
    return [{ path: `GraphQL page of ${PAGE_SIZE} widgets with agents`, bar: 1.5, ...sides }];
  },
};

/** `GET /core/web-widgets/{id}` beside the GraphQL operation that says the same. */
export const restWidget: Row = {
  name: "rest-widget",
  cases: async (stage) => {
    const { widgetId } = await stage.things();
    const program = await stage.parley();
    const path = `/core/web-widgets/${widgetId}`;
    const headers = { authorization: `Bearer ${stage.key}` };
    const ours = { method: "GET", path, headers } as const;
    const twin = graphqlRequest(stage, { query: ONE, variables: { id: widgetId } });
    return [
      {
        path: "REST GET /core/web-widgets/{id}, beside its GraphQL twin",
        bar: 1,
        ours: await side(program, ours),
        baseline: await side(program, twin),
      },
    ];
  },
};

/** @throws Error when the two do not answer the same. */
async function bothSides(
  stage: Stage,
  request: LoadRequest,
): Promise<Pick<Case, "ours" | "baseline">> {
  const ours = await side(await stage.parley(), request);
  const baseline = await side(await stage.baseline("graphql.ts"), request);
  // Apollo ends its answers with a line break.
  if (ours.bodies?.[0]?.trimEnd() !== baseline.bodies?.[0]) {
    throw new Error(`not the same:\n${String(ours.bodies)}\n${String(baseline.bodies)}`);
  }
  return { ours, baseline };
}

function graphqlRequest({ key }: Stage, operation: object): LoadRequest {
  return {
    method: "POST",
    path: "/graphql",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(operation),
  };
}

async function side(program: Program, request: LoadRequest): Promise<Side> {
  const bodies = [await answerOf(program, request)];
  const requests = (): LoadRequest[] => Array.from({ length: CONNECTIONS }, () => request);
  return { program, requests, bodies, varying: UPDATED_AT };
}

async function answerOf({ url }: Program, request: LoadRequest): Promise<string> {
  const { method, path, headers, body } = request;
  const reply = await ask(url + path, { method, headers, body: body && JSON.parse(body) });
  if (reply.status !== 200 || reply.body.includes('"errors"')) {
    throw new Error(`${path}: ${reply.status} ${reply.body}`);
  }
  return reply.body;
}
