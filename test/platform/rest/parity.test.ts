import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import type { Route } from "../../../src/platform/rest/route.js";
import { TestApp } from "../../support/app.js";
import { fakeSite } from "../../support/fake-site.js";
import {
  answeredOf,
  callRoute,
  headersOf,
  REST_CASES,
  restCase,
  rootFieldOf,
  routeKey,
} from "../../support/operations.js";
import { makeWorld, nowhere, type World } from "../../support/world.js";

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({
    brandFetcher: fakeSite(
      '<title>Shop</title><meta name="theme-color" content="#1f5f5b"><meta name="description" content="Tea.">',
    ),
  });
});
afterAll(() => app.stop());

/** JSON that belongs to the caller, or is data by name: its keys are never respelled. */
const DOCUMENTS = new Set([
  "config",
  "metadata",
  "custom_metadata",
  "initial_context",
  "limits",
  "by_status",
  "suggested_config",
  // The one documented exception to snake_case.
  "capabilities",
]);
const LITERALS = new Set(["direction", "channel", "status", "role", "type", "mode", "identity"]);
/** Different at every call, by nature. */
const VOLATILE = new Set([
  "id",
  "created_at",
  "updated_at",
  "published_at",
  "token",
  "room",
  "room_name",
  "expires_at",
  "handle",
  "visitor_token",
  "version",
]);

const STATUS: Readonly<Record<string, number>> = {
  BAD_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  BAD_USER_INPUT: 422,
};

/** What a GraphQL answer must look like in REST, written down again and not taken from the code. */
function respelled(value: unknown, key = ""): unknown {
  if (DOCUMENTS.has(key) || value === null) return value;
  // A page below the root is a plain list.
  if (typeof value === "object" && "nodes" in value) return respelled(value.nodes);
  if (Array.isArray(value)) return value.map((item) => respelled(item));
  if (typeof value === "string") return LITERALS.has(key) ? value.toLowerCase() : value;
  if (typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      const snake = name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      return [snake, respelled(inner, snake)];
    }),
  );
}

/** With what REST documents for telephony: always null, and nothing that GraphQL knows. */
function withTelephony(route: Route, answer: unknown): unknown {
  if (!/^\/core\/conversations(\/\{id\})?$/.test(route.path)) return answer;
  if (Array.isArray(answer)) return answer.map((item) => withTelephony(route, item));
  return { ...Object(answer), agent_number: null, trunk_id: null, recording_details: null };
}

/** The kinds of volatile values instead of the values. */
function steady(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => steady(item));
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, steady(inner, name)]),
    );
  }
  return VOLATILE.has(key) ? typeof value : value;
}

/** Rows that change something run on two like worlds; reads on one, where nothing may differ. */
const isRead = (route: Route): boolean => route.method === "GET";

/** The names of a world in an answer, so that answers of two worlds can be compared. */
function anonymous(answer: unknown, world: World): unknown {
  let text = JSON.stringify(answer);
  for (const [name, value] of Object.entries(world))
    text = text.replaceAll(String(value), `<${name}>`);
  return JSON.parse(text);
}

describe("a REST row answers with the data of its GraphQL operation", () => {
  test("every row has a case", () => {
    expect(Object.keys(REST_CASES).toSorted()).toEqual(ROUTES.map(routeKey).toSorted());
  });

  for (const route of ROUTES) {
    test(routeKey(route), async () => {
      const world = await makeWorld(app);
      const twin = isRead(route) ? world : await makeWorld(app);
      if (rootFieldOf(route) === "deleteAgent") {
        for (const { widgetId, key } of [world, twin]) {
          await app.delete(`/core/web-widgets/${widgetId}`, key);
        }
      }
      const { before, refusedBy, variables } = restCase(route);
      for (const one of new Set([world, twin])) await before?.(app, one);
      const rest = await callRoute(app, route, world);
      const graphql = await app.gql(
        route.operation,
        variables(twin),
        route.scopes ? twin.key : undefined,
        headersOf(restCase(route), twin),
      );
      if (refusedBy) {
        const [error] = graphql.body.errors;
        expect(error.extensions.code).toBe(refusedBy);
        expect(rest).toMatchObject({ status: STATUS[refusedBy], body: { detail: error.message } });
        return;
      }
      expect(graphql.body.errors).toBeUndefined();
      expect(rest.status).toBe(route.status);
      const data = answeredOf(route, graphql.body.data) as { nodes?: unknown };
      if (route.status === 204) {
        expect(rest.text).toBe("");
        expect(data).not.toBeNull();
        return;
      }
      const schemaDocument = rootFieldOf(route) === "agentConfigSchema";
      const expected = schemaDocument ? data : withTelephony(route, respelled(data.nodes ?? data));
      if (isRead(route) && !route.path.endsWith("/messages")) {
        expect(rest.body).toEqual(expected);
        if (Array.isArray(rest.body)) expect(rest.body.length).toBeGreaterThan(0);
      } else {
        expect(anonymous(steady(rest.body), world)).toEqual(anonymous(steady(expected), twin));
      }
    });
  }
});

describe("a REST row refuses what its GraphQL operation refuses, with the same sentence", () => {
  for (const route of ROUTES) {
    test(routeKey(route), async () => {
      const { key } = await app.organization();
      const missing = nowhere(key);
      const rest = await callRoute(app, route, missing);
      const graphql = await app.gql(
        route.operation,
        restCase(route).variables(missing),
        route.scopes ? key : undefined,
        headersOf(restCase(route), missing),
      );
      const [error] = graphql.body.errors ?? [];
      if (!error) {
        expect(rest.status).toBe(route.status);
        return;
      }
      expect(rest.status).toBe(STATUS[error.extensions.code]);
      const paths: { path: string }[] = error.extensions.errors ?? [];
      expect(rest.body.errors?.map((item: { path: string }) => item.path) ?? []).toEqual(
        paths
          .map(({ path }) => respelled({ [path]: 0 }))
          .flatMap((item) => Object.keys(Object(item))),
      );
      if (paths.length === 0) expect(rest.body).toEqual({ detail: error.message });
    });
  }
});
