import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { makeWebsite, signIdentity, type Website } from "../../support/identity.js";
import { beginByGraphQL } from "../../support/visitor.js";
import { connectionOf } from "../../support/webhook.js";
import { asWorker, claim } from "../dispatch/support.js";

const PAGE = { url: "https://shop.example/tea", title: "Tea", language: "en" };

let app: TestApp;
let organization: { id: string; key: string };
let key: string;
let site: Website;
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
  ({ key } = organization);
  site = await makeWebsite(app, key);
});
afterAll(() => app.stop());

function begin(body: object, headers = {}): Promise<Answer> {
  return app.begin(site.widget.id, { user_id: "ada", ...body }, headers);
}

/** What the agent is told when it takes a started conversation. */
async function jobOf(started: Answer): Promise<Answer["body"]> {
  const claimed = await claim(app, connectionOf(started.body).room);
  return (await asWorker(app, "GET", "job", { bearer: claimed.body.token })).body;
}

async function contextOf(started: Answer): Promise<unknown> {
  return (await app.get(`/core/conversations/${started.body.conversation.id}`, key)).body
    .initial_context;
}

describe("the website's page", () => {
  test("is told to the agent without query, fragment and credentials", async () => {
    const url = "https://ada:secret@shop.example/tea?token=1#part";
    expect((await jobOf(await begin({ page: { ...PAGE, url } }))).page).toEqual(PAGE);
    const twin = await beginByGraphQL(app, site.widget.id, { userId: "ada", page: { url } });
    const { room } = twin.body.data.startConversation.connectionDetails;
    const claimed = await claim(app, room);
    const job = await asWorker(app, "GET", "job", { bearer: claimed.body.token });
    expect(job.body.page).toEqual({ url: PAGE.url, title: "", language: "" });
  });

  test("is that of the visitor's latest visit, and none where none was told", async () => {
    const started = await begin({ page: PAGE });
    const headers = { "x-visitor-token": started.body.visitor_token };
    const back = { conversation_id: started.body.conversation.id };
    const cart = { ...PAGE, url: "https://shop.example/cart" };
    expect((await jobOf(await begin({ ...back, page: cart }, headers))).page).toEqual(cart);
    expect((await jobOf(await begin(back, headers))).page).toBeNull();
  });

  test.each([
    ["page.url", { url: "javascript:alert(1)" }],
    ["page.url", { url: "nowhere" }],
    ["page.url", { title: "Tea" }],
    ["page.title", { ...PAGE, title: 7 }],
    ["page.title", { ...PAGE, title: "a\u0000b" }],
    ["page", { ...PAGE, title: "x".repeat(2048) }],
    ["page", "https://shop.example"],
  ])("is refused by name where it is none: %s %j", async (path, page) => {
    const answer = await begin({ page });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toMatchObject([{ path }]);
  });
});

describe("what the agent began with", () => {
  const metadata = { plan: "pro" };

  test("is kept when it first takes the conversation, and stays", async () => {
    const identity = await signIdentity(app, site.secret, { sub: "ada", metadata });
    const form = { email: "ada@example.com" };
    const started = await begin({ identity_token: identity, custom_metadata: form, page: PAGE });
    expect(await contextOf(started)).toBeNull();
    await jobOf(started);
    const expected = {
      user_id: "ada",
      user_verified: true,
      identity_metadata: metadata,
      form_values: form,
      page: PAGE,
    };
    expect(await contextOf(started)).toEqual(expected);
    const headers = { "x-visitor-token": started.body.visitor_token };
    const back = { conversation_id: started.body.conversation.id, custom_metadata: { more: 1 } };
    await jobOf(await begin(back, headers));
    expect(await contextOf(started)).toEqual(expected);
  });

  test("says of whom nobody vouched for that nobody did", async () => {
    const started = await begin({ custom_metadata: { plan: "forged" } });
    await jobOf(started);
    expect(await contextOf(started)).toEqual({
      user_id: "ada",
      user_verified: false,
      identity_metadata: null,
      form_values: { plan: "forged" },
      page: null,
    });
  });

  test("has nothing of what another filled in, where a name alone opened the room", async () => {
    const widget = await app.widget(key);
    const plain = { user_id: "ada", custom_metadata: { phone: "0301234" } };
    const started = await app.begin(widget.id, plain);
    const back = { user_id: "ada", conversation_id: started.body.conversation.id };
    await jobOf(await app.begin(widget.id, back));
    expect(await contextOf(started)).toMatchObject({ form_values: {} });
  });

  test("is sensitive, and goes with the visitor", async () => {
    const started = await begin({ user_id: "eve", page: PAGE });
    await jobOf(started);
    const { id } = started.body.conversation;
    const reader = await app.key(organization.id, ["conversations:read"]);
    const answer = await app.get(`/core/conversations/${id}`, reader);
    expect(answer.body).not.toHaveProperty("initial_context");
    const query = `query ($id: UUID!) { conversation(id: $id) { initialContext } }`;
    const twin = await app.gql(query, { id }, reader);
    expect(twin.body).toMatchObject({
      data: { conversation: { initialContext: null } },
      errors: [{ path: ["conversation", "initialContext"], extensions: { code: "FORBIDDEN" } }],
    });
    await app.gql(
      `mutation { eraseVisitor(input: { userId: "eve" }) { erasedConversations } }`,
      {},
      key,
    );
    expect(await app.db.conversation.count({ where: { id } })).toBe(0);
    expect(await app.db.conversationRoom.count({ where: { conversationId: id } })).toBe(0);
  });
});
