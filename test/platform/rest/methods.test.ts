import { afterAll, beforeAll, expect, test } from "vitest";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import { TestApp } from "../../support/app.js";
import { expectForm } from "../../support/error-form.js";
import { pathOf } from "../../support/operations.js";
import { makeWorld, type World } from "../../support/world.js";

let app: TestApp;
let world: World;
beforeAll(async () => {
  app = await TestApp.start();
  world = await makeWorld(app);
});
afterAll(() => app.stop());

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** Each known path with the methods that it has. */
function known(): Map<string, Set<string>> {
  const paths = new Map<string, Set<string>>([
    ["/healthz", new Set(["GET"])],
    ["/readyz", new Set(["GET"])],
    ["/livekit/webhook", new Set(["POST"])],
    ["/core/openapi.json", new Set(["GET"])],
    ["/core/docs", new Set(["GET"])],
    ["/core/worker/heartbeat", new Set(["POST"])],
    ["/core/worker/jobs", new Set(["POST"])],
    ["/core/worker/job", new Set(["GET"])],
    ["/core/worker/job/turns", new Set(["POST"])],
    ["/core/worker/job/end", new Set(["POST"])],
    [`/core/public/web-widgets/${world.widgetId}/embed-ticket`, new Set(["POST"])],
    ["/core/public/draft-previews/start", new Set(["POST"])],
  ]);
  for (const route of ROUTES) {
    const path = pathOf(route, world);
    paths.set(path, (paths.get(path) ?? new Set()).add(route.method));
  }
  return paths;
}

test("a known path with another method is 405, and Allow names those that it has", async () => {
  for (const [path, methods] of known()) {
    for (const method of METHODS) {
      if (methods.has(method) || method === "OPTIONS") continue;
      if (method === "HEAD" && methods.has("GET")) continue;
      const answer = await app.call(method, path, { key: world.key });
      const what = `${method} ${path}`;
      if (method === "HEAD") expect(answer.status, what).toBe(405);
      else expectForm(answer, 405, what);
      const allow = (answer.headers.get("allow") ?? "").split(", ");
      const withHead = methods.has("GET") ? ["HEAD"] : [];
      expect(new Set(allow), what).toEqual(new Set([...methods, ...withHead, "OPTIONS"]));
    }
  }
});

test("OPTIONS names the methods; on a public path it is CORS that asks", async () => {
  for (const [path, methods] of known()) {
    const answer = await app.call("OPTIONS", path);
    expect(answer.status, path).toBe(204);
    expect(answer.text).toBe("");
    const isPublic = path.startsWith("/core/public/");
    const names = answer.headers.get(isPublic ? "access-control-allow-methods" : "allow") ?? "";
    for (const method of methods) expect(names.split(", "), path).toContain(method);
  }
});

test("HEAD is GET without the body", async () => {
  for (const path of ["/core/agents", `/core/web-widgets/${world.widgetId}`, "/healthz"]) {
    const get = await app.get(path, world.key);
    const head = await app.call("HEAD", path, { key: world.key });
    expect(head.status, path).toBe(200);
    expect(head.text).toBe("");
    expect(head.headers.get("content-length")).toBe(get.headers.get("content-length"));
  }
});

test("GraphQL takes GET and POST", async () => {
  for (const method of ["PUT", "PATCH", "DELETE"]) {
    const answer = await app.call(method, "/graphql", { key: world.key, body: { query: "{a}" } });
    expect(answer.status, method).toBe(405);
    expect(answer.headers.get("allow")).toBe("GET, POST, OPTIONS");
    expect(answer.body.errors[0].extensions.code).toBe("METHOD_NOT_ALLOWED");
  }
  const head = await app.call("HEAD", "/graphql?query={__typename}");
  expect([head.status, head.headers.get("allow")]).toEqual([405, "GET, POST, OPTIONS"]);
});
