import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createApp } from "../../../src/platform/app.js";
import type { RateLimitName } from "../../../src/platform/auth/rate-limits.js";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import { scopesOf } from "../../../src/platform/graphql/requires-scopes.js";
import { TestApp } from "../../support/app.js";
import { callRoute, graphQLCases, PERSONAL, routeKey } from "../../support/operations.js";
import { nowhere } from "../../support/world.js";

/** Where nothing is counted, and why. A path with a star stands for all that begin so. */
const UNCOUNTED: Readonly<Record<string, string>> = {
  "GET /healthz": "A fixed answer.",
  "GET /readyz":
    "One statement, whose result the next callers share; asked by load balancers all the time.",
  "POST /livekit/webhook": "LiveKit's signature is checked before anything else.",
  "GET /graphql*":
    "GraphiQL: files, in development alone. What is asked by GraphQL is counted by field.",
  "GET /console/api/options": "A word about this installation, from memory.",
  "GET /console/api/oidc/callback":
    "Refused unless a page opens; then counted: test/platform/console/oidc-answers.test.ts.",
  "GET /console/assets/*": "Files in memory.",
  "GET /console/preview": "The preview's page: a text in memory.",
  "GET /console/preview/assets/*": "Files in memory.",
  "GET /console{*": "The console's page: a text in memory.",
  "POST /console/api/*":
    "Refused unless the console's page sends it. Then counted: test/platform/console/sign-in.test.ts.",
  "GET /core/openapi.json": "A fixed text.",
  "GET /core/docs*": "Files.",
  "GET /demo*": "Fixed texts, of a demonstration alone.",
  "GET /public/embed/:id": "A file in memory, the same for each id.",
  "GET /public/embed/draft-preview/panel": "A text in memory.",
  "GET /public/embed/assets/*": "Files in memory.",
  "GET /core/worker/job": "A job's token is a signature: who has none costs no statement.",
  "POST /core/worker/job/*": "As above.",
};

/** Not one call is allowed, of anything that is counted. */
const NONE = { points: 0, windowSeconds: 60 };
const COUNTED: readonly RateLimitName[] = [
  "start",
  "feedback",
  "logout",
  "handle",
  "ticket",
  "public_widget",
  "public_list",
  "public_messages",
  "failed_credentials",
];

/** What Express keeps of a router, as far as it is read here. */
interface Layer {
  readonly route?: { readonly path: string | string[]; readonly methods: Record<string, boolean> };
  readonly handle: { readonly stack?: readonly Layer[] };
  match(path: string): boolean;
}

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start({
    rateLimits: Object.fromEntries(COUNTED.map((name) => [name, NONE])),
  });
});
afterAll(() => app.stop());

/** Of nobody, with a key that nobody has. */
const stranger = nowhere(`ak_${randomUUID().replaceAll("-", "")}.${"x".repeat(43)}`);

function routesOf(stack: readonly Layer[], mounted = ""): string[] {
  return stack.flatMap((layer) => {
    if (layer.handle.stack && !layer.route) {
      const below = ["", "/graphql"].find((path) => layer.match(path || "/"));
      if (below === undefined)
        throw new Error("A router is mounted where this test does not look.");
      return routesOf(layer.handle.stack, mounted + below);
    }
    const { path, methods = {} } = layer.route ?? {};
    // What takes every method refuses those that a path does not have.
    const names = "connect" in methods || "_all" in methods ? [] : Object.keys(methods);
    return [path ?? []]
      .flat()
      .flatMap((each) => names.map((method) => `${method.toUpperCase()} ${mounted}${each}`));
  });
}

function exceptionFor(route: string): string | undefined {
  return Object.keys(UNCOUNTED).find((name) =>
    name.endsWith("*") ? route.startsWith(name.slice(0, -1)) : route === name,
  );
}

test("each route counts who has no credential, or says why not", async () => {
  const everything = createApp(app.parley, { demoWidgetId: randomUUID() });
  const routes = routesOf((everything.router as unknown as { stack: Layer[] }).stack);
  expect(routes.length).toBeGreaterThan(50);
  const rows = new Map(ROUTES.map((row) => [routeKey(row).replaceAll(/\{(\w+)\}/g, ":$1"), row]));
  expect([...rows.keys()].filter((row) => !routes.includes(row))).toEqual([]);
  const uncounted: string[] = [];
  for (const route of routes.filter((each) => exceptionFor(each) === undefined)) {
    const row = rows.get(route);
    const [method = "", path = ""] = route.split(" ");
    const answer = row
      ? await callRoute(app, row, stranger)
      : await app.call(method, path.replaceAll(/:\w+/g, randomUUID()), { key: stranger.key });
    if (answer.status !== 429) uncounted.push(`${route}: ${answer.status}`);
  }
  expect(uncounted).toEqual([]);
  expect(Object.keys(UNCOUNTED).toSorted()).toEqual(
    [...new Set(routes.flatMap((route) => exceptionFor(route) ?? []))].toSorted(),
  );
});

test("each operation of GraphQL counts who has no credential", async () => {
  const { schema } = app.parley;
  const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
    // Without a session these touch nothing.
    Object.values(type?.getFields() ?? {}).filter(({ name }) => !PERSONAL.includes(name)),
  );
  const cases = graphQLCases();
  const uncounted: string[] = [];
  for (const field of fields) {
    const { document, variables } = cases[field.name] ?? { document: "", variables: () => ({}) };
    const key = scopesOf(field) ? stranger.key : undefined;
    // With what these flags select it would cost more than is counted for a stranger.
    const flags = { seesWidgets: false, seesConversations: false };
    const answer = await app.gql(document, { ...variables(stranger), ...flags }, key);
    const codes = (answer.body.errors ?? []).map(
      (error: { extensions: { code: string } }) => error.extensions.code,
    );
    if (String(codes) !== "RATE_LIMITED") uncounted.push(`${field.name}: ${answer.text}`);
  }
  expect(uncounted).toEqual([]);
});
