import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../src/rest/routes.js";
import { TestApp } from "../support/app.js";

let app: TestApp;
// The document as a stranger reads it.
let document: Record<string, unknown>;
beforeAll(async () => {
  app = await TestApp.start();
  document = (await app.get("/core/openapi.json")).body;
});
afterAll(() => app.stop());

interface Operation {
  operationId: string;
  description: string;
  security: object[];
  requestBody?: { content: Record<string, { schema: object; example: unknown }> };
  responses: Record<string, { content?: Record<string, { schema: object; example: unknown }> }>;
}

function operations(): [string, Operation][] {
  const paths = document["paths"] as Record<string, Record<string, Operation>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );
}

test("the document is valid OpenAPI 3.1", async () => {
  const result = await new Validator().validate(structuredClone(document));
  expect(result.errors ?? []).toEqual([]);
  expect(result.valid).toBe(true);
});

test("every route of the table is documented, with a description, its security and its errors", () => {
  const documented = new Map(operations());
  for (const route of ROUTES) {
    const operation = documented.get(`${route.method} ${route.path}`);
    expect(operation, `${route.method} ${route.path}`).toBeDefined();
    expect(operation?.description).not.toBe("");
    expect(Object.keys(operation?.responses ?? {})).toEqual(
      expect.arrayContaining([String(route.status), "404", "422", "429", "500"]),
    );
    const needsToken = !operation?.security.some((one) => Object.keys(one).length === 0);
    expect(needsToken).toBe(route.scopes !== undefined);
  }
});

test("what may be null is what the server takes as absent", () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, "api");
  const isValid = (name: string, value: unknown): boolean =>
    ajv.validate({ $ref: `api#/components/schemas/${name}` }, value);
  expect(isValid("WidgetConfig", { v1: { theme: null, chat: { title: null } } })).toBe(true);
  expect(isValid("WidgetConfig", { v1: { theme: 1 } })).toBe(false);
  expect(isValid("AgentConfig", { instructions: null })).toBe(true);
  expect(isValid("UpdateAgentInput", { description: null })).toBe(true);
  expect(isValid("UpdateAgentInput", { name: null })).toBe(false);
  expect(isValid("UpdateWidgetInput", { agent_id: null })).toBe(false);
});

test("null is said once, where it is said", () => {
  const said: unknown[] = [];
  const look = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { anyOf = [], type = [] } = node as { anyOf?: object[]; type?: unknown };
    for (const one of anyOf) expect(one, JSON.stringify(node)).not.toHaveProperty("anyOf");
    const nulls = [...anyOf.map((one) => ("type" in one ? one.type : undefined)), type].flat();
    if (nulls.includes("null")) said.push(nulls.filter((name) => name === "null").length);
    for (const inner of Object.values(node)) look(inner);
  };
  look(document);
  expect(said.length).toBeGreaterThan(100);
  expect(new Set(said)).toEqual(new Set([1]));
});

test("the one answer that is revalidated says so", () => {
  const revalidated = operations().filter(([, { responses }]) => "304" in responses);
  expect(revalidated.map(([name]) => name)).toEqual(["GET /core/public/web-widgets/{id}"]);
});

test("operation ids are unique", () => {
  const ids = operations().map(([, operation]) => operation.operationId);
  expect(new Set(ids).size).toBe(ids.length);
});

test("every example fits its own schema", () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  ajv.addSchema(document, "api");
  for (const [name, operation] of operations()) {
    const contents = [
      operation.requestBody?.content,
      ...Object.values(operation.responses).map((one) => one.content),
    ];
    for (const content of contents) {
      const media = content?.["application/json"];
      if (!media) continue;
      const schema = JSON.parse(JSON.stringify(media.schema).replaceAll('"#/', '"api#/'));
      expect(ajv.validate(schema, media.example), `${name}: ${ajv.errorsText()}`).toBe(true);
    }
  }
});

describe("the viewer", () => {
  test("comes from this server alone, under a policy that allows nothing else", async () => {
    const page = await app.get("/core/docs");
    expect(page.status).toBe(200);
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(
      ([, source]) => source ?? "",
    );
    expect(sources.length).toBeGreaterThan(2);
    for (const source of sources) {
      expect(source.startsWith("/core/docs/")).toBe(true);
      expect((await app.get(source)).status).toBe(200);
    }
    expect(page.headers.get("content-security-policy")).toContain("script-src 'self'");
  });
});
