import { afterAll, beforeAll, expect, test } from "vitest";
import { snakeCase } from "../../../src/platform/http/rest-name.js";
import { compileRoute } from "../../../src/platform/rest/compile-route.js";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import { TestApp } from "../../support/app.js";
import { pathOf, routeKey } from "../../support/operations.js";
import { makeWorld, type World } from "../../support/world.js";

let app: TestApp;
let world: World;
/** What a widget can be moved to. */
let other: { agent_id: string; agent_version_id: string };
beforeAll(async () => {
  app = await TestApp.start();
  world = await makeWorld(app);
  const { agent_id, agent_version_id } = await app.widget(world.key);
  other = { agent_id, agent_version_id };
});
afterAll(() => app.stop());

/** For each row that stores its body, a value for each field: neither the default nor what is stored. */
const BODIES: Readonly<Record<string, () => object>> = {
  "POST /core/web-widgets": () => ({
    ...other,
    domains: ["https://new.example"],
    published: true,
    config: { own: "new" },
  }),
  "PUT /core/web-widgets/{id}": () => ({
    ...other,
    domains: ["https://changed.example"],
    published: false,
    config: { own: "changed" },
  }),
  "PUT /core/web-widgets/{id}/security": () => ({
    strict: true,
    identity: "optional",
    limits: { starts_per_minute: 7 },
  }),
  "POST /core/agents": () => ({
    name: "New",
    description: "new",
    active: false,
    is_demo: true,
    metadata: { own: "new" },
  }),
  "PUT /core/agents/{id}": () => ({
    name: "Changed",
    description: "changed",
    active: false,
    is_demo: true,
    metadata: { own: "changed" },
  }),
  "PUT /core/agents/{agent_id}/versions/{version}": () => ({ config: { instructions: "changed" } }),
};

/** Rows whose body is no thing that is read again as it was sent. */
const NOT_STORED: Readonly<Record<string, string>> = {
  "POST /core/web-widgets/{id}/auto-brand": "Stores nothing.",
  "POST /core/agents/{agent_id}/versions":
    "One of two ways to say a config; has a test of its own.",
  "POST /core/agents/{agent_id}/versions/{version}/publish": "Its fields must be empty.",
  "POST /core/public/web-widgets/{widget_id}/conversations": "Merged and renewed by each start.",
  "POST /core/public/web-widgets/{widget_id}/conversations/{conversation_id}/feedback":
    "Kept with the metadata, which a stranger is not shown.",
  "POST /core/public/web-widgets/{widget_id}/handles": "Answered by a handle alone.",
  "POST /core/public/web-widgets/{widget_id}/handles/exchange": "Answered by the next handle.",
};

/** The field of a row that says when the others are stored, and is none of them. */
const CONDITIONS: Readonly<Record<string, string>> = {
  "PUT /core/web-widgets/{id}": "based_on",
  "PUT /core/agents/{agent_id}/versions/{version}": "if_unchanged_since",
};

const WRITES = ROUTES.filter(({ method }) => method !== "GET" && method !== "DELETE");

test.each(WRITES.map((route) => [routeKey(route), route] as const))(
  "each field that %s takes is stored, and read as it was sent",
  async (name, route) => {
    const fields = compileRoute(app.parley.schema, route).body?.fields ?? [];
    const body = BODIES[name]?.();
    expect(body === undefined && fields.length > 0).toBe(name in NOT_STORED);
    if (!body) return;
    expect(Object.keys(body).toSorted()).toEqual(
      fields
        .map((field) => snakeCase(field.name))
        .filter((field) => field !== CONDITIONS[name])
        .toSorted(),
    );
    const path = pathOf(route, world);
    const answer = await app.call(route.method, path, { key: world.key, body });
    expect(answer.status, answer.text).toBe(route.status);
    expect(answer.body).toMatchObject(body);
    const again = route.method === "PUT" ? path : `${path}/${answer.body.id}`;
    expect((await app.get(again, world.key)).body).toMatchObject(body);
  },
);
