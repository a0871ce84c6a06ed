import { Validator } from "@seriousme/openapi-schema-validator";
import { Ajv2020 } from "ajv/dist/2020.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import { TestApp } from "../../support/app.js";

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
  responses: Record<
    string,
    {
      content?: Record<string, { schema: object; example: unknown }>;
      links?: Record<string, { operationId: string; parameters: Record<string, string> }>;
    }
  >;
}

interface Schema {
  readonly type?: unknown;
  readonly description?: string;
  readonly $ref?: string;
  readonly anyOf?: readonly Schema[];
  readonly properties?: Record<string, Schema>;
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

describe("what the server checks is said in keywords", () => {
  const isValid = (name: string): ((value: unknown) => boolean) => {
    const ajv = new Ajv2020({ strict: false, validateFormats: false });
    ajv.addSchema(document, "api");
    const validate = ajv.compile({ $ref: `api#/components/schemas/${name}` });
    return (value) => validate(value);
  };

  test("lengths, patterns and bounds", () => {
    const agent = isValid("CreateAgentInput");
    expect([agent({ name: "a" }), agent({ name: "x".repeat(200) })]).toEqual([true, true]);
    for (const name of ["", " ", "x".repeat(201)]) expect(agent({ name }), name).toBe(false);
    const change = isValid("UpdateAgentInput");
    expect([change({}), change({ name: "a" })]).toEqual([true, true]);
    for (const name of ["", " ", null]) expect(change({ name }), String(name)).toBe(false);
    expect(agent({ name: "a", description: "x".repeat(5001) })).toBe(false);
    const start = isValid("StartConversationInput");
    expect(start({ user_id: "u" })).toBe(true);
    for (const id of ["", "a\u0000", "a\nb", "x".repeat(256)])
      expect(start({ user_id: id }), id).toBe(false);
    const widget = isValid("UpdateWidgetInput");
    expect(widget({ domains: Array.from({ length: 101 }, () => "a.example") })).toBe(false);
    const limits = isValid("UpdateWidgetSecurityInput");
    expect(limits({ limits: { starts_per_minute: 0 } })).toBe(false);
    expect(limits({ limits: { starts_per_minute: 1, own: "x" } })).toBe(true);
  });

  test("of config and base_version exactly one, where null is absent", () => {
    const version = isValid("CreateAgentVersionInput");
    for (const good of [{ config: {} }, { base_version: 1 }, { config: {}, base_version: null }])
      expect(version(good), JSON.stringify(good)).toBe(true);
    const both = { config: {}, base_version: 1 };
    const none = { config: null, base_version: null };
    for (const bad of [{}, both, none, { base_version: 0 }])
      expect(version(bad), JSON.stringify(bad)).toBe(false);
  });

  test("telephone numbers are empty", () => {
    const publish = isValid("PublishAgentVersionInput");
    const empty = { phone_numbers: [], phone_number_ids: null, phone_number: "" };
    expect([publish({}), publish(empty)]).toEqual([true, true]);
    expect(publish({ phone_numbers: ["1"] })).toBe(false);
    expect(publish({ phone_number: "1" })).toBe(false);
  });

  test("colours, addresses and forms of a widget's config", () => {
    const config = isValid("WidgetConfig");
    const colour = (value: unknown): object => ({
      v1: { chat: { dark_mode: { text_color: { user_message: value } } } },
    });
    for (const good of ["#fff", "#12345678", "rgb(1, 2, 3)", "hsl(1deg 2% 3% / 4%)", "red", null])
      expect(config(colour(good)), String(good)).toBe(true);
    for (const bad of ["#12345", "rgb(1,2)", "nocolour", "", 5])
      expect(config(colour(bad)), String(bad)).toBe(false);
    const icon = (url: string): boolean => config({ v1: { trigger: { icon_url: url } } });
    for (const good of ["https://a.example/i.png", "http://localhost:1/", "data:image/png;base64,"])
      expect(icon(good), good).toBe(true);
    for (const bad of ["http://a.example/", "data:image/svg+xml,", "x"])
      expect(icon(bad), bad).toBe(false);
    const form = (field: object): boolean =>
      config({
        v1: { pre_conversation_form: { fields: [{ id: "a", type: "select", ...field }] } },
      });
    expect(form({})).toBe(true);
    expect(form({ required: true })).toBe(false);
    expect(form({ required: true, options: [{ value: "a", label: "A" }] })).toBe(true);
    for (const id of ["feedback_form", "constructor", "__proto__", ""])
      expect(form({ id }), id).toBe(false);
  });
});

test("a creation links to every row about the thing made, with parameters that the row has", () => {
  const all = operations();
  const links = all.flatMap(([name, { responses }]) =>
    Object.values(responses).flatMap((response) =>
      Object.values(response.links ?? {}).map((link) => ({ name, ...link })),
    ),
  );
  for (const { name, operationId, parameters } of links) {
    const target = all.find(([, operation]) => operation.operationId === operationId);
    const wanted = [...(target?.[0] ?? "").matchAll(/\{(\w+)\}/g)].map(([, one]) => one);
    expect(Object.keys(parameters).toSorted(), `${name} ${operationId}`).toEqual(wanted.toSorted());
  }
  const from = (creation: string): string[] =>
    links.filter(({ name }) => name === creation).map(({ operationId }) => operationId);
  expect(from("POST /core/agents")).toEqual(
    expect.arrayContaining(["getAgent", "updateAgent", "deleteAgent", "createAgentVersion"]),
  );
  expect(from("POST /core/agents/{agent_id}/versions")).toContain("getAgentVersion");
  expect(from("POST /core/web-widgets")).toContain("getWidget");
  expect(from("POST /core/public/web-widgets/{widget_id}/conversations")).toEqual(
    expect.arrayContaining(["submitFeedback", "getConversationMessages"]),
  );
});

test("each key of the documents is described, and each component has a short name", () => {
  const { schemas } = document["components"] as { schemas: Record<string, Schema> };
  const described = (schema: Schema): boolean => {
    if (schema.description) return true;
    const inner = schema.$ref ?? schema.anyOf?.[0]?.$ref;
    return inner !== undefined && described(schemas[inner.split("/").at(-1) ?? ""] ?? {});
  };
  let keys = 0;
  const look = (where: string, node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const { properties, type } = node as Schema;
    for (const [key, property] of Object.entries((type && properties) ?? {})) {
      keys += 1;
      expect(described(property), `${where}.${key}`).toBe(true);
    }
    for (const [step, inner] of Object.entries(node)) look(`${where}.${step}`, inner);
  };
  for (const [name, schema] of Object.entries(schemas)) {
    expect(name).toMatch(/^[A-Z][A-Za-z0-9]{2,25}$/);
    look(name, schema);
  }
  expect(keys).toBeGreaterThan(200);
});

test("an object that is described twice is a component", () => {
  const seen = new Map<string, number>();
  const look = (node: unknown): void => {
    if (typeof node !== "object" || node === null) return;
    const text = JSON.stringify(node);
    if ("properties" in node && "type" in node) seen.set(text, (seen.get(text) ?? 0) + 1);
    for (const inner of Object.values(node)) look(inner);
  };
  look({ ...document, example: undefined });
  expect([...seen].filter(([, count]) => count > 1)).toEqual([]);
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
