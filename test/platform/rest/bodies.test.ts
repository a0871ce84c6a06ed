import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROUTES } from "../../../src/platform/rest/routes.js";
import type { Route } from "../../../src/platform/rest/route.js";
import { AGENT_SECRET, TestApp, type Answer } from "../../support/app.js";
import { expectForm } from "../../support/error-form.js";
import { callWith, pathOf, routeKey } from "../../support/operations.js";
import { makeWorld, type World } from "../../support/world.js";

let app: TestApp;
let world: World;
beforeAll(async () => {
  app = await TestApp.start();
  world = await makeWorld(app);
});
afterAll(() => app.stop());

const writes = ROUTES.filter((route) => route.method === "POST" || route.method === "PUT");

/** Routes outside of the table that take a body, with the credential that each needs. */
const OTHERS = [
  ["/core/worker/heartbeat", AGENT_SECRET],
  ["/core/worker/jobs", AGENT_SECRET],
] as const;

const send = (route: Route, body: unknown, headers?: Record<string, string>): Promise<Answer> =>
  callWith(app, route, world, body, headers);

/** Bytes as they are. */
async function sendBytes(
  path: string,
  key: string,
  body: Buffer,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await fetch(app.url + path, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    body: new Uint8Array(body),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text, body: JSON.parse(text) };
}

describe("400: a body that is not there, or no JSON in UTF-8", () => {
  test("where something in it is required, a missing body is not understood", async () => {
    for (const route of writes) {
      const answer = await app.call(route.method, pathOf(route, world), {
        key: route.scopes ? world.key : undefined,
      });
      // A logout and a withdrawal need a visitor token, and no body.
      if (/\/(logout|withdraw-consent)$/.test(route.path)) expect(answer.status).toBe(401);
      else if (/publish|rotate|revoke/.test(route.path)) expect(answer.status).toBeLessThan(300);
      // Nobody is in that conversation.
      else if (/(end|listener-token)$/.test(route.path)) expectForm(answer, 409, routeKey(route));
      else expectForm(answer, 400, routeKey(route));
    }
    for (const [path, key] of OTHERS) expectForm(await app.call("POST", path, { key }), 400, path);
  });

  test("bytes that are no UTF-8, also inside of a text", async () => {
    for (const bytes of [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xe2, 0x82]]) {
      const text = Buffer.concat([
        Buffer.from('{"name":"'),
        Buffer.from(bytes),
        Buffer.from('","query":"{ __typename }","room":"x"}'),
      ]);
      for (const [path, key] of [["/core/agents", world.key], ...OTHERS] as const) {
        expectForm(await sendBytes(path, key, text), 400, path);
      }
      const graphql = await sendBytes("/graphql", world.key, text);
      expect(graphql.status).toBe(400);
      expect(graphql.body.errors[0].extensions.code).toBe("BAD_REQUEST");
    }
    const utf16 = Buffer.from('{"name":"x"}', "utf16le");
    expectForm(await sendBytes("/core/agents", world.key, utf16), 400, "UTF-16 unsaid");
  });

  test("compressed bytes that are none", async () => {
    for (const encoding of ["gzip", "deflate", "br"]) {
      const headers = { "content-encoding": encoding };
      const body = Buffer.from('{"name":"x"}');
      expectForm(await sendBytes("/core/agents", world.key, body, headers), 400, encoding);
    }
    const cut = gzipSync('{"name":"x"}').subarray(0, 20);
    const headers = { "content-encoding": "gzip" };
    expectForm(await sendBytes("/core/agents", world.key, cut, headers), 400, "cut off");
  });

  test("a byte order mark is no fault, and a packed body is unpacked", async () => {
    const marked = Buffer.from('\u{feff}{"name":"marked"}');
    expect((await sendBytes("/core/agents", world.key, marked)).body.name).toBe("marked");
    const packed = gzipSync('{"name":"packed"}');
    const headers = { "content-encoding": "gzip" };
    expect((await sendBytes("/core/agents", world.key, packed, headers)).body.name).toBe("packed");
  });
});

describe("415: a body that is no JSON, another charset, an unknown packing", () => {
  const types = [
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "application/jsonx",
    "nonsense",
    "application/json; charset=utf-16",
    "application/json; charset=latin1",
    'application/json; charset="us-ascii"',
    "application/json; charset=koi8-nope",
    "application/merge-patch+json; charset=utf-32",
  ];

  test("on every row, on the worker's routes and on GraphQL", async () => {
    for (const type of types) {
      const headers = { "content-type": type };
      for (const route of writes) {
        const answer = await send(route, '{"name":"x"}', headers);
        expectForm(answer, 415, `${routeKey(route)} ${type}`);
      }
      for (const [path, key] of OTHERS) {
        expectForm(await app.call("POST", path, { key, body: "{}", headers }), 415, path);
      }
      const graphql = await app.call("POST", "/graphql", { body: '{"query":"{a}"}', headers });
      expect(graphql.status, type).toBe(415);
      expect(graphql.body.errors[0].extensions.code).toBe("UNSUPPORTED_MEDIA_TYPE");
    }
  });

  test("a body that says nothing of its type", async () => {
    const answer = await fetch(`${app.url}/core/agents`, {
      method: "POST",
      headers: { authorization: `Bearer ${world.key}` },
      body: new Blob(['{"name":"x"}']),
    });
    expect(answer.status).toBe(415);
  });

  test("JSON's own types pass, in any case, and with UTF-8 said", async () => {
    for (const type of [
      "application/json;charset=UTF-8",
      'Application/JSON; charset="utf-8"',
      "application/vnd.api+json",
    ]) {
      const answer = await app.post("/core/agents", '{"name":"x"}', world.key, {
        "content-type": type,
      });
      expect(answer.status, type).toBe(201);
    }
  });

  test("a packing that is not known", async () => {
    for (const encoding of ["nope", "gzip, gzip", "compress"]) {
      const headers = { "content-encoding": encoding };
      const answer = await app.post("/core/agents", '{"name":"x"}', world.key, headers);
      expectForm(answer, 415, encoding);
    }
  });
});

describe("413: an oversized body", () => {
  const big = (bytes: number): string => JSON.stringify({ name: "x".repeat(bytes) });

  test("admin routes take 1 MB, public ones 64 KB", async () => {
    for (const route of writes) {
      const limit = route.scopes ? 1024 * 1024 : 64 * 1024;
      expectForm(await send(route, big(limit)), 413, routeKey(route));
      expect((await send(route, big(limit - 100))).status, routeKey(route)).not.toBe(413);
    }
    const graphql = await app.call("POST", "/graphql", { body: big(1024 * 1024), key: world.key });
    expect(graphql.status).toBe(413);
  });

  test("also when it says nothing of its length, or unpacks to too much", async () => {
    const packed = gzipSync(big(5 * 1024 * 1024));
    const headers = {
      authorization: `Bearer ${world.key}`,
      "content-type": "application/json",
    };
    const answer = await fetch(`${app.url}/core/agents`, {
      method: "POST",
      headers: { ...headers, "content-encoding": "gzip" },
      body: packed,
    });
    expect(answer.status).toBe(413);
    const chunks = new ReadableStream({
      start(controller) {
        const chunk = Buffer.alloc(64 * 1024, "x");
        for (let n = 0; n < 20; n += 1) controller.enqueue(chunk);
        controller.close();
      },
    });
    const streamed = await fetch(`${app.url}/core/agents`, {
      method: "POST",
      headers,
      body: chunks,
      duplex: "half",
    } as RequestInit);
    expect(streamed.status).toBe(413);
  });
});

describe("numbers", () => {
  test("an integer comes back as it was sent, or is refused by its path", async () => {
    const held = ["9007199254740992", "1152921504606847000", "1e23", "-0", "0.1", "5e-324"];
    const texts = `"90071992547409930000", "\\"9007199254740993"`;
    const made = await app.post(
      "/core/agents",
      `{"name": "n", "metadata": {"held": [${held}], "texts": [${texts}]}}`,
      world.key,
    );
    expect(made.body.metadata).toEqual({
      held: [9007199254740992, 1152921504606847000, 1e23, 0, 0.1, 5e-324],
      texts: ["90071992547409930000", '"9007199254740993'],
    });
    const refused = await app.post(
      "/core/agents",
      `{"name": "n", "metadata": {"9007199254740993": [1, {"a": 9007199254740993}]}}`,
      world.key,
    );
    expectForm(refused, 422, "rounded");
    expect(refused.body.errors[0].path).toBe("metadata.9007199254740993.1.a");
    const worker = await app.call("POST", "/core/worker/heartbeat", {
      key: AGENT_SECRET,
      body: '{"worker_id": "worker-1", "active_jobs": 9007199254740993}',
    });
    expect(worker.body.errors[0].path).toBe("active_jobs");
  });

  test("of a key that stands twice the last value counts", async () => {
    const made = await app.post("/core/agents", '{"name": "first", "name": "last"}', world.key);
    expect(made.body.name).toBe("last");
  });
});
