import { once } from "node:events";
import { connect } from "node:net";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { AGENT_SECRET, TestApp, type Answer } from "../../support/app.js";
import { publicPath } from "../../support/visitor.js";

const SITE = "https://shop.example";
const NOBODY = "8f14e45f-ceea-467f-a9ee-3f3b6f3e0f5e";
const FORM = { fields: [{ id: "rating", type: "rating" }] };
/** What differs from answer to answer, and what the transport adds. */
const OWN = [
  "date",
  "x-request-id",
  "ratelimit",
  "connection",
  "keep-alive",
  "etag",
  "content-length",
];

let app: TestApp;
let key: string;
let widgetId: string;
beforeAll(async () => {
  app = await TestApp.start({ config: { PUBLIC_URL: "http://parley.test:4000/chat" } });
  ({ key } = await app.organization());
  const config = { v1: { post_conversation_feedback: { form: FORM } } };
  ({ id: widgetId } = await app.widget(key, { domains: [SITE], config }));
});
afterAll(() => app.stop());

interface Asked {
  readonly path: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

async function post({ path, body, headers }: Asked): Promise<Answer> {
  const reply = await fetch(app.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", origin: SITE, ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await reply.text();
  return { status: reply.status, headers: reply.headers, text, body: JSON.parse(text) };
}

/** Express's types leave out what its application calls. */
const express = (): { handle: () => void } => app.router as unknown as { handle: () => void };

/** The answer, and whether Express has seen the request. */
async function watched(asked: Asked): Promise<[Answer, boolean]> {
  const handle = vi.spyOn(express(), "handle");
  try {
    const answer = await post(asked);
    return [answer, handle.mock.calls.length > 0];
  } finally {
    handle.mockRestore();
  }
}

/** What two answers have in common that came from one rule. */
const shown = ({ status, headers, body }: Answer): object => ({
  status,
  headers: Object.fromEntries([...headers.entries()].filter(([name]) => !OWN.includes(name))),
  keys: Object.keys(Object(body)),
  // A success names what it has made.
  body: status < 300 ? undefined : body,
});

const starts = (): string => `${publicPath(widgetId)}/conversations`;
const started = async (): Promise<string> =>
  (await post({ path: starts(), body: '{"user_id":"guest_1"}' })).body.conversation.id as string;

describe("a write is answered in front of Express as the long way answers it", () => {
  test.each<[string, number, () => Asked | Promise<Asked>]>([
    ["a start", 200, () => ({ path: starts(), body: '{"user_id":"guest_1"}' })],
    [
      "one below the public path",
      200,
      () => ({ path: `/chat${starts()}`, body: '{"user_id":"g"}' }),
    ],
    [
      "its charset said",
      200,
      () => ({
        path: starts(),
        body: '{"user_id":"g"}',
        headers: { "content-type": "application/json; charset=UTF-8" },
      }),
    ],
    ["a start without a name", 422, () => ({ path: starts(), body: "{}" })],
    ["a start with a forbidden key", 422, () => ({ path: starts(), body: '{"__proto__":1}' })],
    [
      "another website's",
      403,
      () => ({
        path: starts(),
        body: '{"user_id":"g"}',
        headers: { origin: "https://other.example" },
      }),
    ],
    [
      "an unknown widget's",
      404,
      () => ({ path: `${publicPath(NOBODY)}/conversations`, body: '{"user_id":"g"}' }),
    ],
    [
      "of an id that is none",
      404,
      () => ({ path: `${publicPath("nonsense")}/conversations`, body: '{"user_id":"g"}' }),
    ],
    ["broken JSON", 400, () => ({ path: starts(), body: '{"user_id":' })],
    ["a list", 400, () => ({ path: starts(), body: "[]" })],
    ["no UTF-8", 400, () => ({ path: starts(), body: new Uint8Array([0x22, 0xff, 0x22]) })],
    [
      "a bad Idempotency-Key",
      400,
      () => ({ path: starts(), body: '{"user_id":"g"}', headers: { "idempotency-key": "a b" } }),
    ],
    [
      "a resume of nothing",
      404,
      () => ({ path: starts(), body: `{"user_id":"g","conversation_id":"${NOBODY}"}` }),
    ],
    [
      "feedback",
      200,
      async () => ({
        path: `${starts()}/${await started()}/feedback`,
        body: '{"data":{"rating":5}}',
      }),
    ],
    [
      "feedback of nothing valid",
      400,
      async () => ({
        path: `${starts()}/${await started()}/feedback`,
        body: '{"data":{"other":5}}',
      }),
    ],
    [
      "feedback that is too large",
      413,
      async () => ({
        path: `${starts()}/${await started()}/feedback`,
        body: JSON.stringify({ data: { rating: "x".repeat(17 * 1024) } }),
      }),
    ],
    [
      "a logout without a token",
      401,
      () => ({ path: `${publicPath(widgetId)}/logout`, body: "{}" }),
    ],
    [
      "turns without a token",
      401,
      () => ({ path: "/core/worker/job/turns", body: '{"turns":[]}' }),
    ],
    [
      "turns, whatever is in their body",
      401,
      () => ({
        path: "/core/worker/job/turns",
        body: "{",
        headers: { authorization: `Bearer ${AGENT_SECRET}` },
      }),
    ],
  ])("%s: %i", async (_what, status, asked) => {
    const [first, second] = [await asked(), await asked()];
    const [short, isShortSeen] = await watched(first);
    const [long, isLongSeen] = await watched({ ...second, path: `${second.path}?x=1` });
    expect([isShortSeen, isLongSeen]).toEqual([false, true]);
    expect(shown(short)).toEqual(shown(long));
    expect(short.status).toBe(status);
    expect(short.headers.get("x-request-id")).toMatch(/^[\w-]{36}$/);
    expect(short.headers.get("ratelimit")?.replace(/r=\d+|t=\d+/g, "")).toBe(
      long.headers.get("ratelimit")?.replace(/r=\d+|t=\d+/g, ""),
    );
  });

  test.each<[string, number, Asked]>([
    ["no body", 400, { path: "" }],
    ["another type", 415, { path: "", body: "{}", headers: { "content-type": "text/plain" } }],
    [
      "another charset",
      415,
      { path: "", body: "{}", headers: { "content-type": "application/json; charset=latin1" } },
    ],
    ["an unknown packing", 415, { path: "", body: "{}", headers: { "content-encoding": "zip" } }],
    ["more than 64 KB", 413, { path: "", body: JSON.stringify({ user_id: "x".repeat(65_536) }) }],
    ["a slash at its end", 422, { path: "/", body: "{}" }],
  ])(
    "what is out of the ordinary goes the long way: %s",
    async (_what, status, { path, ...asked }) => {
      const [answer, isSeen] = await watched({ ...asked, path: starts() + path });
      expect(isSeen).toBe(true);
      expect(answer.status).toBe(status);
    },
  );
});

test("a body in several pieces is read whole; one that breaks off makes nothing and leaves the server well", async () => {
  const { port } = new URL(app.url);
  const body = Buffer.from('{"user_id":"Zoë"}');
  const half = body.indexOf(0xc3) + 1;
  const head = `POST ${starts()} HTTP/1.1\r\nHost: x\r\nOrigin: ${SITE}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const whole = connect(Number(port), "127.0.0.1");
  whole.write(head);
  whole.write(body.subarray(0, half));
  await new Promise((resolve) => setTimeout(resolve, 20));
  whole.write(body.subarray(half));
  const [answer] = (await once(whole, "data")) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK/);
  whole.destroy();
  const before = await app.db.conversation.count();
  const broken = connect(Number(port), "127.0.0.1");
  broken.write(head);
  broken.write(body.subarray(0, half));
  await new Promise((resolve) => setTimeout(resolve, 20));
  broken.destroy();
  await expect.poll(started).toMatch(/-/);
  expect(await app.db.conversation.count()).toBe(before + 1);
});
