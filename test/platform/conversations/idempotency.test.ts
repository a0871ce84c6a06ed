import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { atCommandLine } from "../../../src/platform/audit/author.js";
import { TestApp, type Answer } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";
import { makeWebsite, signIdentity, type Website } from "../../support/identity.js";
import { beginByGraphQL, publicPath, readMessages, withToken } from "../../support/visitor.js";

const MINUTE = 60;

let app: TestApp;
let organization: { id: string; key: string };
let site: Website;
beforeAll(async () => {
  app = await TestApp.start({ config: { TRUST_PROXY: "1" } });
  organization = await app.organization();
  site = await makeWebsite(app, organization.key);
});
afterAll(() => app.stop());

interface Start {
  readonly userId?: string;
  readonly identity?: string;
  readonly headers?: Record<string, string>;
  readonly ticket?: string;
}

async function start(key: string, options: Start = {}): Promise<Answer> {
  const { userId = "ada", identity, headers = {} } = options;
  return app.begin(
    site.widget.id,
    { user_id: userId, ...(identity ? { identity_token: identity } : {}) },
    {
      "idempotency-key": key,
      "x-embed-ticket": options.ticket ?? (await app.ticket(site.widget.id)),
      ...headers,
    },
  );
}

function idOf(answer: Answer): string {
  expect(answer.status, answer.text).toBe(200);
  return answer.body.conversation.id;
}

describe("the same start with the same Idempotency-Key", () => {
  test("gives the same conversation and room, with a token of the same key", async () => {
    const key = randomUUID();
    const [first, again] = [await start(key), await start(key)];
    expect(idOf(again)).toBe(idOf(first));
    expect(again.body.connection_details.room).toBe(first.body.connection_details.room);
    const later = await start(randomUUID(), { headers: withToken(again.body.visitor_token) });
    for (const { body } of [first, again, later]) {
      const read = await readMessages(app, site.widget.id, idOf(first), body.visitor_token);
      expect(read.status).toBe(200);
    }
  });

  test("goes on with the ticket that it used", async () => {
    const key = randomUUID();
    const ticket = await app.ticket(site.widget.id);
    expect(idOf(await start(key, { ticket }))).toBe(idOf(await start(key, { ticket })));
    expect((await start(randomUUID(), { ticket })).status).toBe(401);
  });

  test("goes on with an identity token that is good for one start", async () => {
    const key = randomUUID();
    const identity = await signIdentity(app, site.secret, { sub: "ada", jti: key });
    const first = await start(key, { identity });
    const again = await start(key, { identity });
    expect(idOf(again)).toBe(idOf(first));
    expect(again.body.conversation.user_verified).toBe(true);
    expect((await start(randomUUID(), { identity })).status).toBe(401);
  });

  test("resumes again with an identity token that is good for one start", async () => {
    const talk = idOf(
      await start(randomUUID(), {
        identity: await signIdentity(app, site.secret, { sub: "ada" }),
      }),
    );
    const identity = await signIdentity(app, site.secret, { sub: "ada", jti: randomUUID() });
    const resume = (key: string): Promise<Answer> =>
      app.begin(
        site.widget.id,
        { user_id: "ada", conversation_id: talk, identity_token: identity },
        { "idempotency-key": key },
      );
    const key = randomUUID();
    expect(idOf(await resume(key))).toBe(talk);
    expect(idOf(await resume(key))).toBe(talk);
    expect((await resume(randomUUID())).status).toBe(401);
  });

  test("by GraphQL is the same start as by REST", async () => {
    const key = randomUUID();
    const headers = { "idempotency-key": key };
    const first = await app.begin(site.widget.id, { user_id: "ada" }, headers);
    const twin = await beginByGraphQL(app, site.widget.id, { userId: "ada" }, headers);
    expect(twin.body.data.startConversation.conversation.id).toBe(idOf(first));
  });

  test("is another start after ten minutes, with a key of its own", async () => {
    const key = randomUUID();
    const first = await start(key);
    app.clock.forward(9 * MINUTE);
    expect(idOf(await start(key))).toBe(idOf(first));
    app.clock.forward(61);
    const late = await start(key);
    expect(idOf(late)).not.toBe(idOf(first));
    const read = await readMessages(app, site.widget.id, idOf(first), late.body.visitor_token);
    expect(read.status).toBe(401);
    expect(idOf(await start(key))).toBe(idOf(late));
  });

  test("keeps its room open for as long as its new token is good", async () => {
    const key = randomUUID();
    const first = await start(key);
    app.clock.forward(9 * MINUTE);
    await start(key);
    app.clock.forward(9 * MINUTE);
    await app.parley.lifecycle.sweep();
    const row = await app.db.conversation.findUniqueOrThrow({ where: { id: idOf(first) } });
    expect(row.status).toBe("token_created");
  });

  test.runIf(onPostgres)("arriving six times at once makes one conversation", async () => {
    for (let round = 0; round < 5; round += 1) {
      const key = randomUUID();
      const ticket = await app.ticket(site.widget.id);
      const identity = await signIdentity(app, site.secret, { sub: "ada", jti: key });
      const answers = await Promise.all(
        Array.from({ length: 6 }, () => start(key, { ticket, identity })),
      );
      expect(new Set(answers.map(idOf)).size).toBe(1);
      const plain = randomUUID();
      const others = await Promise.all(
        Array.from({ length: 6 }, () =>
          app.begin(site.widget.id, { user_id: "ada" }, { "idempotency-key": plain }),
        ),
      );
      expect(new Set(others.map(idOf)).size).toBe(1);
    }
  });
});

describe("an Idempotency-Key never gives one visitor another's conversation", () => {
  test.each<[string, (victim: Answer) => Start]>([
    ["another name", () => ({ userId: "bob" })],
    ["another visitor's key", () => ({ headers: {} })],
    ["a name without its proof", () => ({ userId: "ada" })],
  ])("%s is another start", async (name, attack) => {
    const key = randomUUID();
    const known = await start(randomUUID());
    const victim = await start(key, {
      ...(name === "another visitor's key" ? { headers: withToken(known.body.visitor_token) } : {}),
      ...(name === "a name without its proof"
        ? { identity: await signIdentity(app, site.secret, { sub: "ada" }) }
        : {}),
    });
    const theirs = await start(key, attack(victim));
    expect(idOf(theirs)).not.toBe(idOf(victim));
    const read = await readMessages(app, site.widget.id, idOf(victim), theirs.body.visitor_token);
    expect(read.status).toBe(401);
  });

  test("at another widget it is another start", async () => {
    const other = await app.widget(organization.key);
    const headers = { "idempotency-key": randomUUID() };
    const here = await app.begin(site.widget.id, { user_id: "ada" }, headers);
    expect(idOf(await app.begin(other.id, { user_id: "ada" }, headers))).not.toBe(idOf(here));
  });

  test("one that can be guessed counts from one address only", async () => {
    const from = (address: string): Start => ({ headers: { "x-forwarded-for": address } });
    const short = await start("order-1", from("192.0.2.1"));
    expect(idOf(await start("order-1", from("192.0.2.1")))).toBe(idOf(short));
    expect(idOf(await start("order-1", from("192.0.2.2")))).not.toBe(idOf(short));
    const key = randomUUID();
    const long = await start(key, from("192.0.2.1"));
    expect(idOf(await start(key, from("192.0.2.2")))).toBe(idOf(long));
  });

  test("a logout and a revocation end it", async () => {
    const key = randomUUID();
    const first = await start(key);
    await app.post(
      `${publicPath(site.widget.id)}/logout`,
      undefined,
      undefined,
      withToken(first.body.visitor_token),
    );
    const second = await start(key);
    expect(idOf(second)).not.toBe(idOf(first));
    const query = `mutation ($id: UUID!) { revokeVisitorTokens(input: { id: $id }) { widget { id } } }`;
    await app.gql(query, { id: site.widget.id }, organization.key);
    expect(idOf(await start(key))).not.toBe(idOf(second));
  });

  test("what is stored of it is a hash, and goes after ten minutes or with its conversation", async () => {
    const key = randomUUID();
    const id = idOf(await start(key, { userId: "erased" }));
    const [row] = await app.db.startKey.findMany({ where: { conversationId: id } });
    expect(Buffer.from(row?.startHash ?? []).length).toBe(32);
    expect(JSON.stringify(row)).not.toContain(key);
    await app.parley.retention.erase(atCommandLine(organization.id), "erased");
    expect(await app.db.startKey.count({ where: { conversationId: id } })).toBe(0);
    await start(randomUUID());
    app.clock.forward(11 * MINUTE);
    await app.parley.starts.sweep();
    expect(await app.db.startKey.count()).toBe(0);
  });

  test.each(["", "a b", "schlüssel", "x".repeat(256)])("%j is no key: 400", async (key) => {
    const headers = { "idempotency-key": Buffer.from(key).toString("latin1") };
    const answer = await app.begin(site.widget.id, { user_id: "ada" }, headers);
    expect(answer.status).toBe(400);
  });
});
