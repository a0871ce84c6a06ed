import { Ajv2020 } from "ajv/dist/2020.js";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { anyJson, calls, nastyText } from "./values.js";

const SAMPLE = 3000;
const PARALLEL = 12;
vi.setConfig({ testTimeout: 900_000 });

type Schema = Record<string, unknown>;

interface Parameter {
  name: string;
  in: "path" | "query";
  schema?: Schema;
  content?: Record<string, { schema: Schema }>;
}

interface Operation {
  method: string;
  path: string;
  parameters: Parameter[];
  body: Schema | undefined;
  responses: Record<string, { $ref?: string; content?: Record<string, { schema: Schema }> }>;
}

interface Request {
  operation: Operation;
  path: Record<string, string>;
  query: [string, string][];
  body: unknown;
  key: string;
  headers: Record<string, string>;
}

let app: TestApp;
let document: {
  paths: Record<string, Record<string, never>>;
  components: Record<string, Record<string, never>>;
};
let known: { ids: string[]; keys: string[] };
const ajv = new Ajv2020({ strict: false, validateFormats: false });

beforeAll(async () => {
  app = await TestApp.start();
  document = (await app.get("/core/openapi.json")).body;
  ajv.addSchema(document, "api");
  const { id, key } = await app.organization();
  const other = await app.organization();
  const form = { fields: [{ id: "rating", type: "rating" }] };
  const config = { v1: { post_conversation_feedback: { form } } };
  const ids: string[] = [];
  for (const owner of [key, other.key]) {
    const widget = await app.widget(owner, { config });
    const started = await app.begin(widget.id, { user_id: "u" });
    ids.push(widget.id, widget.agent_id, widget.agent_version_id, started.body.conversation.id);
  }
  const reader = await app.key(id, ["agents:read", "web_widgets:read", "conversations:read"]);
  known = { ids, keys: [key, key, key, reader, other.key, "", "ak_no.nothinghere"] };
});
afterAll(() => app.stop());

/** No 5xx, and every answer is what the document says of this path, method and status. */
test("no generated request brings the server down or an answer that is not documented", async () => {
  const operations = readOperations();
  const total = calls(SAMPLE);
  const requests = fc.sample(fc.constantFrom(...operations).chain(requestOf), total);
  const statuses = new Map<number, number>();
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let request = requests[next++]; request; request = requests[next++]) {
      const answer = await send(request);
      statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
      check(request, answer);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  expect([...statuses.values()].reduce((sum, count) => sum + count, 0)).toBe(total);
  // A generator that only ever fails would show nothing.
  for (const status of [200, 201, 204, 401, 403, 404, 422])
    expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(0);
});

function readOperations(): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Schema>).map(([method, raw]): Operation => {
      const body = raw["requestBody"] as
        | { content: Record<string, { schema: Schema }> }
        | undefined;
      return {
        method: method.toUpperCase(),
        path,
        parameters: (raw["parameters"] ?? []) as Parameter[],
        body: body?.content["application/json"]?.schema,
        responses: raw["responses"] as Operation["responses"],
      };
    }),
  );
}

function requestOf(operation: Operation): fc.Arbitrary<Request> {
  const id = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...known.ids) },
    fc.uuid(),
    nastyText,
  );
  const path = operation.parameters.filter((one) => one.in === "path");
  const query = operation.parameters.filter((one) => one.in === "query");
  return fc.record({
    operation: fc.constant(operation),
    path: fc
      .tuple(
        ...path.map((one) =>
          one.name === "version"
            ? fc.oneof(fc.constantFrom("1", "2", "latest", "0"), nastyText)
            : id,
        ),
      )
      .map((values) =>
        Object.fromEntries(path.map((one, index) => [one.name, String(values[index])])),
      ),
    query: fc
      .subarray(query, { maxLength: Math.min(4, query.length) })
      .chain((some) =>
        fc.tuple(
          ...some.map((one) => queryText(one).map((text): [string, string] => [one.name, text])),
        ),
      ),
    body: operation.body
      ? fc.oneof({ weight: 5, arbitrary: fromSchema(operation.body) }, anyJson)
      : fc.constant(undefined),
    key: fc.constantFrom(...known.keys),
    headers: fc.constantFrom<Record<string, string>>(
      {},
      {},
      {},
      { origin: "https://elsewhere.example" },
      { origin: "null" },
      { "x-visitor-token": "nonsense" },
      { "x-embed-ticket": "nonsense" },
      { "content-type": "text/plain" },
      { "x-anyreach-org": "org_x" },
    ),
  });
}

function queryText(parameter: Parameter): fc.Arbitrary<string> {
  const schema = parameter.schema ?? parameter.content?.["application/json"]?.schema ?? {};
  const matching = fromSchema(schema).map((value) =>
    typeof value === "string" ? value : (JSON.stringify(value) ?? ""),
  );
  return fc.oneof({ weight: 3, arbitrary: matching }, nastyText);
}

/** Mostly what the schema asks for, now and then anything. */
function fromSchema(schema: Schema, depth = 0): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 12, arbitrary: fitting(schema, depth) }, anyJson);
}

function fitting(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const reference = schema["$ref"];
  if (typeof reference === "string") {
    const name = reference.slice(reference.lastIndexOf("/") + 1);
    return depth > 6
      ? fc.constant({})
      : fromSchema(document.components["schemas"]?.[name] ?? {}, depth + 1);
  }
  const choices = (schema["anyOf"] ?? schema["oneOf"]) as Schema[] | undefined;
  if (choices) return fc.oneof(...choices.map((choice) => fromSchema(choice, depth + 1)));
  if (Array.isArray(schema["enum"])) return fc.constantFrom(...schema["enum"]);
  if ("const" in schema) return fc.constant(schema["const"]);
  const type: unknown = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  switch (type) {
    case "object":
      return fittingObject(schema, depth);
    case "array":
      return fc.array(fromSchema((schema["items"] ?? {}) as Schema, depth + 1), { maxLength: 3 });
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.integer({ min: 1, max: 100 });
    case "number":
      return fc.double({ noNaN: true });
    case "string":
      if (schema["format"] === "uuid") return fc.constantFrom(...known.ids);
      if (schema["format"] === "date-time")
        return fc
          .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
          .map((date) => date.toISOString());
      return fc.oneof(
        fc.constantFrom("Ada", "u", "yourdomain.com", "#123456", "https://example.com/a.png"),
        nastyText,
      );
    default:
      return anyJson;
  }
}

function fittingObject(schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema["properties"] ?? {}) as Record<string, Schema>);
  if (properties.length === 0)
    return fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 1 }), {
      maxKeys: 3,
    });
  const required = (schema["required"] ?? []) as string[];
  return fc.record(
    Object.fromEntries(properties.map(([name, inner]) => [name, fromSchema(inner, depth + 1)])),
    {
      requiredKeys: required.filter((name) => properties.some(([property]) => property === name)),
    },
  );
}

function send(request: Request): Promise<Answer> {
  const { operation } = request;
  const path = operation.path.replace(/\{(\w+)\}/g, (_match, name: string) =>
    encodeURIComponent(pathStep(request.path[name] ?? "")),
  );
  const query = new URLSearchParams(request.query.map(([name, text]) => [name, wellFormed(text)]));
  const body = operation.body ? JSON.stringify(request.body) : undefined;
  return app.call(operation.method, `${path}?${query}`, {
    key: request.key,
    headers: request.headers,
    ...(body === undefined ? {} : { body }),
  });
}

/** No text, `.` and `..` are no step of a path: a client takes them out, and asks for another address. */
function pathStep(text: string): string {
  return /^\.{0,2}$/.test(text) ? " " : wellFormed(text);
}

/** A URL cannot carry a lone surrogate; a body can. */
function wellFormed(text: string): string {
  return text.toWellFormed();
}

function check({ operation, path, body }: Request, answer: Answer): void {
  const name = `${operation.method} ${operation.path} → ${answer.status} ${answer.text.slice(0, 300)}`;
  expect(answer.status, `${name} ${JSON.stringify({ path, body })}`).toBeLessThan(500);
  // An id that adds a path step, or none, is another address.
  if (answer.status === 404 && answer.body?.detail === "Not found.") return;
  const documented = operation.responses[String(answer.status)];
  expect(documented, `not documented: ${name}`).toBeDefined();
  const reference = documented?.$ref?.slice(documented.$ref.lastIndexOf("/") + 1);
  const response = reference
    ? (document.components["responses"]?.[reference] as Operation["responses"][string] | undefined)
    : documented;
  const schema = response?.content?.["application/json"]?.schema;
  if (!schema) {
    expect(answer.text, name).toBe("");
    return;
  }
  const resolved = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'));
  expect(ajv.validate(resolved, answer.body), `${name}: ${ajv.errorsText()}`).toBe(true);
}
