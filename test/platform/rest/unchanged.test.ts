import { afterAll, beforeAll, expect, test } from "vitest";
import { TestApp } from "../../support/app.js";
import { makeWorld, type World } from "../../support/world.js";

let app: TestApp;
let world: World;
beforeAll(async () => {
  app = await TestApp.start();
  world = await makeWorld(app);
});
afterAll(() => app.stop());

const CONFIG = {
  v1: { theme: "dark", chat: { title: "Ask", subtitle: "us" } },
  own: [1, { a: 0 }],
};
const REORDERED = {
  own: [1, { a: -0 }],
  v1: { chat: { subtitle: "us", title: "Ask" }, theme: "dark" },
};

/** Each row that is written, how it is read, what changes it, and the same said again. */
const rows: [name: string, path: () => string, change: object, same: object, other: object][] = [
  [
    "a widget",
    () => `/core/web-widgets/${world.widgetId}`,
    { config: CONFIG, domains: ["a.example", "b.example"], published: true },
    {
      config: REORDERED,
      domains: ["https://A.example/", "b.example", "a.example"],
      published: true,
    },
    { domains: ["b.example", "a.example"] },
  ],
  [
    "an agent",
    () => `/core/agents/${world.agentId}`,
    { name: "Ada", description: "d", active: false, is_demo: true, metadata: { a: 1, b: [1, 2] } },
    { name: " Ada ", description: "d", active: false, metadata: { b: [1, 2], a: 1 } },
    { metadata: { a: 1, b: [2, 1] } },
  ],
  [
    "a version",
    () => `/core/agents/${world.agentId}/versions/2`,
    { config: { instructions: "x", own: { a: 1, b: null } } },
    { config: { own: { b: null, a: 1 }, instructions: "x" } },
    { config: { instructions: "x", own: { a: 1 } } },
  ],
];

for (const [name, path, change, same, other] of rows) {
  test(`a PUT that changes nothing of ${name} leaves updated_at`, async () => {
    const put = async (body: object): Promise<Record<string, unknown>> => {
      app.clock.forward(1);
      const answer = await app.put(path(), body, world.key);
      expect(answer.status, answer.text).toBe(200);
      return answer.body;
    };
    const changed = await put(change);
    expect(await put(same)).toEqual(changed);
    expect(await put({})).toEqual(changed);
    expect(await put(changed)).toEqual(changed);
    expect((await app.get(path(), world.key)).body).toMatchObject(changed);
    expect((await put(other))["updated_at"]).not.toBe(changed["updated_at"]);
  });
}

test("security settings that stay as they are leave the widget's updated_at", async () => {
  const widget = async (): Promise<string> =>
    (await app.get(`/core/web-widgets/${world.widgetId}`, world.key)).body.updated_at;
  const put = async (body: object): Promise<void> => {
    app.clock.forward(1);
    const answer = await app.put(`/core/web-widgets/${world.widgetId}/security`, body, world.key);
    expect(answer.status, answer.text).toBe(200);
  };
  await put({ strict: false, limits: { starts_per_minute: 9, own: { a: 1, b: 2 } } });
  const before = await widget();
  await put({ strict: false, limits: { own: { b: 2, a: 1 }, starts_per_minute: 9 } });
  await put({});
  expect(await widget()).toBe(before);
  await put({ limits: { starts_per_minute: 8 } });
  expect(await widget()).not.toBe(before);
});

test("GraphQL's literals and variables that change nothing leave updatedAt", async () => {
  const made = await app.post(
    "/core/agents",
    { name: "g", metadata: { a: { b: [1] } } },
    world.key,
  );
  const { id, updated_at: updatedAt } = made.body;
  const update = async (
    input: string,
    variables: Record<string, unknown> = {},
  ): Promise<unknown> => {
    app.clock.forward(1);
    const head = "metadata" in variables ? "mutation ($metadata: JSONObject)" : "mutation";
    const answer = await app.gql(
      `${head} { updateAgent(input: { id: "${id}", ${input} }) { agent { updatedAt } } }`,
      variables,
      world.key,
    );
    return answer.body.data.updateAgent.agent.updatedAt;
  };
  expect(await update('name: "g", metadata: { a: { b: [1] } }')).toBe(updatedAt);
  expect(await update("metadata: $metadata", { metadata: { a: { b: [1] } } })).toBe(updatedAt);
  expect(await update("metadata: { a: { b: [2] } }")).not.toBe(updatedAt);
});
