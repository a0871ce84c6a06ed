import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONVERSATION_STATUSES } from "../../support/statuses.js";
import { TestApp, type Answer } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";
import { recordStatements } from "../../support/statements.js";
import { beginBound, codeOf, feedbackConfig, giveFeedback } from "../../support/visitor.js";

const SUBMIT =
  "mutation ($input: SubmitFeedbackInput!) { submitFeedback(input: $input) { status } }";

let app: TestApp;
let organization: { id: string; key: string };
let widget: Answer["body"];
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
  widget = await app.widget(organization.key, { config: feedbackConfig() });
});
afterAll(() => app.stop());

async function start(widgetId: string = widget.id, metadata = {}): Promise<string> {
  const answer = await app.begin(widgetId, { user_id: "ada", custom_metadata: metadata });
  expect(answer.status).toBe(200);
  return answer.body.conversation.id;
}

async function stored(id: string): Promise<Record<string, unknown>> {
  return (await app.get(`/core/conversations/${id}`, organization.key)).body.custom_metadata;
}

/** JSON of exactly so many bytes, all in a field of the form. */
function ofBytes(bytes: number): object {
  return { comment: "x".repeat(bytes - '{"comment":""}'.length) };
}

describe("feedback", () => {
  test("is stored at custom_metadata.feedback_form, beside what was there", async () => {
    const id = await start(widget.id, { plan: "pro" });
    const answer = await giveFeedback(app, widget.id, id, { rating: 4, comment: "fine" });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ status: "ok" });
    expect(await stored(id)).toEqual({
      plan: "pro",
      feedback_form: { rating: 4, comment: "fine" },
    });
  });

  test("is one statement when all is well, of an unbound conversation and of a bound one's key", async () => {
    const bound = (await beginBound(app, widget.id, { user_id: "ada" })).body;
    const given = [
      { id: await start(), token: undefined },
      { id: bound.conversation.id as string, token: bound.visitor_token as string },
    ];
    for (const { id, token } of given) {
      const { result, statements } = await recordStatements(() =>
        giveFeedback(app, widget.id, id, { rating: 4 }, token),
      );
      expect(result.status).toBe(200);
      // That the widget was read anew, since a second is over on a slow machine, is no part of it.
      expect(statements.filter(({ sql }) => /feedback_form|FROM \(SELECT\)/.test(sql)).length).toBe(
        1,
      );
    }
  });

  test("by GraphQL does the same", async () => {
    const id = await start();
    const input = { widgetId: widget.id, conversationId: id, data: { rating: 4, other: 1 } };
    expect((await app.gql(SUBMIT, { input })).body.data.submitFeedback).toEqual({ status: "ok" });
    expect((await stored(id))["feedback_form"]).toEqual({ rating: 4 });
    expect(codeOf(await app.gql(SUBMIT, { input }))).toBe("CONFLICT");
  });

  test("keeps only ids of the configured form and drops others", async () => {
    const id = await start();
    const data = { rating: 5, other: "x", feedback_form: { a: 1 }, constructor: "y" };
    expect((await giveFeedback(app, widget.id, id, data)).status).toBe(200);
    expect((await stored(id))["feedback_form"]).toEqual({ rating: 5 });
  });

  test.each([
    ["a string", "good"],
    ["an empty string", ""],
    ["a number", 0],
    ["a boolean", false],
    ["a list of scalars", ["a", 1, true]],
    ["an empty list", []],
  ])("may be %s", async (_name, value) => {
    const id = await start();
    expect((await giveFeedback(app, widget.id, id, { tags: value })).status).toBe(200);
    expect((await stored(id))["feedback_form"]).toEqual({ tags: value });
  });

  test.each([
    ["null", null],
    ["an object", { a: 1 }],
    ["a list with a list", [["a"]]],
    ["a list with an object", ["a", { b: 1 }]],
    ["a list with null", [null]],
  ])("that is %s is dropped, and alone answers 400", async (_name, value) => {
    const id = await start();
    expect((await giveFeedback(app, widget.id, id, { tags: value })).status).toBe(400);
    expect(await stored(id)).toEqual({});
    const mixed = await giveFeedback(app, widget.id, id, { tags: value, rating: 3 });
    expect(mixed.status).toBe(200);
    expect((await stored(id))["feedback_form"]).toEqual({ rating: 3 });
  });

  test.each(CONVERSATION_STATUSES)("is accepted in the status %s", async (status) => {
    const id = await start();
    await app.db.conversation.update({ where: { id }, data: { status } });
    expect((await giveFeedback(app, widget.id, id, { rating: 1 })).status).toBe(200);
    expect((await app.db.conversation.findUniqueOrThrow({ where: { id } })).status).toBe(status);
  });

  test.each([
    ["absent", undefined],
    ["null", null],
    ["a list", [1]],
    ["a string", "x"],
  ])("is refused by 422 when data is %s", async (_name, data) => {
    const id = await start();
    const answer = await giveFeedback(app, widget.id, id, data);
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe("data");
  });

  test("a second submission answers 409 and changes nothing", async () => {
    const id = await start();
    await giveFeedback(app, widget.id, id, { rating: 5 });
    const second = await giveFeedback(app, widget.id, id, { rating: 1 });
    expect(second.status).toBe(409);
    expect((await stored(id))["feedback_form"]).toEqual({ rating: 5 });
  });

  test.runIf(onPostgres)("eight at once: exactly one is kept, seven get 409", async () => {
    for (let round = 0; round < 3; round += 1) {
      const id = await start();
      const answers = await Promise.all(
        Array.from({ length: 8 }, (_, rating) => giveFeedback(app, widget.id, id, { rating })),
      );
      const statuses = answers.map((answer) => answer.status).toSorted();
      expect(statuses).toEqual([200, 409, 409, 409, 409, 409, 409, 409]);
      const kept = answers.findIndex((answer) => answer.status === 200);
      expect((await stored(id))["feedback_form"]).toEqual({ rating: kept });
    }
  });

  test.runIf(onPostgres)("and a resume at once lose neither", async () => {
    for (let round = 0; round < 5; round += 1) {
      const id = await start();
      const [given, resumed] = await Promise.all([
        giveFeedback(app, widget.id, id, { rating: 5 }),
        app.begin(widget.id, { user_id: "ada", conversation_id: id, custom_metadata: { a: 1 } }),
      ]);
      expect([given.status, resumed.status]).toEqual([200, 200]);
      expect(await stored(id)).toEqual({ a: 1, feedback_form: { rating: 5 } });
    }
  });
});

describe("the feedback form", () => {
  test("may be given as inline fields", async () => {
    const inline = await app.widget(organization.key, {
      config: feedbackConfig([{ id: "stars", type: "rating" }], "inline"),
    });
    const id = await start(inline.id);
    expect((await giveFeedback(app, inline.id, id, { stars: 5, rating: 1 })).status).toBe(200);
    expect((await stored(id))["feedback_form"]).toEqual({ stars: 5 });
  });

  test("is the inline one where the other has no fields, as the panel reads it", async () => {
    const fields = [{ id: "stars", type: "rating" }];
    const config = { v1: { post_conversation_feedback: { form: { fields: [] }, fields } } };
    const both = await app.widget(organization.key, { config });
    const id = await start(both.id);
    expect((await giveFeedback(app, both.id, id, { stars: 5 })).status).toBe(200);
  });

  test.each([
    ["nothing configured", {}],
    ["null", { v1: { post_conversation_feedback: null } }],
    ["no fields", { v1: { post_conversation_feedback: { enabled: true } } }],
    [
      "enabled false",
      {
        v1: {
          post_conversation_feedback: {
            enabled: false,
            form: { fields: [{ id: "rating", type: "rating" }] },
          },
        },
      },
    ],
  ])("with %s: 400", async (_name, config) => {
    const bare = await app.widget(organization.key, { config });
    const id = await start(bare.id);
    const answer = await giveFeedback(app, bare.id, id, { rating: 5 });
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toMatch(/form/);
  });

  test("is on when enabled is not given", async () => {
    const form = { fields: [{ id: "rating", type: "rating" }] };
    const quiet = await app.widget(organization.key, {
      config: { v1: { post_conversation_feedback: { form } } },
    });
    const id = await start(quiet.id);
    expect((await giveFeedback(app, quiet.id, id, { rating: 5 })).status).toBe(200);
  });
});

describe("the order of checks: 413, 404, 403, 400 no form, 400 nothing valid, 409", () => {
  test("16 KB are accepted, one byte more is 413", async () => {
    const id = await start();
    expect((await giveFeedback(app, widget.id, id, ofBytes(16 * 1024 + 1))).status).toBe(413);
    expect((await giveFeedback(app, widget.id, id, ofBytes(16 * 1024))).status).toBe(200);
  });

  test("413 counts what is dropped too, and bytes, not characters", async () => {
    const id = await start();
    const dropped = { rating: 5, other: "x".repeat(17_000) };
    expect((await giveFeedback(app, widget.id, id, dropped)).status).toBe(413);
    const accents = { comment: "é".repeat(9_000) };
    expect((await giveFeedback(app, widget.id, id, accents)).status).toBe(413);
    expect(await stored(id)).toEqual({});
  });

  test("413 comes before an unknown widget's and an unknown conversation's 404", async () => {
    const big = ofBytes(17_000);
    expect((await giveFeedback(app, randomUUID(), randomUUID(), big)).status).toBe(413);
    expect((await giveFeedback(app, widget.id, randomUUID(), big)).status).toBe(413);
    const input = { widgetId: widget.id, conversationId: randomUUID(), data: big };
    expect(codeOf(await app.gql(SUBMIT, { input }))).toBe("PAYLOAD_TOO_LARGE");
  });

  test("unknown: 404, of another organization too, before the missing form's 400", async () => {
    const bare = await app.widget(organization.key);
    expect((await giveFeedback(app, randomUUID(), randomUUID(), { rating: 1 })).status).toBe(404);
    expect((await giveFeedback(app, bare.id, randomUUID(), { rating: 1 })).status).toBe(404);
    expect((await giveFeedback(app, bare.id, "nonsense", { rating: 1 })).status).toBe(404);
    const stranger = await app.organization();
    const theirs = await app.widget(stranger.key, { config: feedbackConfig() });
    const id = await start(theirs.id);
    const answer = await giveFeedback(app, widget.id, id, { rating: 1 });
    expect(answer.status).toBe(404);
    expect(answer.body).toEqual({ detail: "Conversation not found." });
  });

  test("another widget's: 403, before the missing form's 400", async () => {
    const bare = await app.widget(organization.key);
    const id = await start();
    expect((await giveFeedback(app, bare.id, id, { nothing: 1 })).status).toBe(403);
  });

  test("a page of another website: 403, before the conversation's 404", async () => {
    const listed = await app.widget(organization.key, { domains: ["https://shop.example"] });
    const path = `/core/public/web-widgets/${listed.id}/conversations/${randomUUID()}/feedback`;
    const headers = { origin: "https://evil.example" };
    const answer = await app.post(path, { data: { rating: 1 } }, undefined, headers);
    expect(answer.status).toBe(403);
  });

  test("no form: 400, before nothing valid's", async () => {
    const bare = await app.widget(organization.key);
    const answer = await giveFeedback(app, bare.id, await start(bare.id), {});
    expect(answer.status).toBe(400);
    expect(answer.body.detail).toMatch(/No feedback form/);
  });

  test("nothing valid: 400, before the second submission's 409", async () => {
    const id = await start();
    await giveFeedback(app, widget.id, id, { rating: 5 });
    for (const data of [{}, { other: 1 }, { rating: null }]) {
      expect((await giveFeedback(app, widget.id, id, data)).status).toBe(400);
    }
    expect((await giveFeedback(app, widget.id, id, { rating: 5 })).status).toBe(409);
  });
});

describe("a bound conversation", () => {
  test("takes feedback only with its own token, not with one got by naming its visitor", async () => {
    const bound = (await beginBound(app, widget.id, { user_id: "ada" })).body;
    const { id } = bound.conversation;
    const named = (await app.begin(widget.id, { user_id: "ada" })).body.visitor_token;
    const give = (token?: string): Promise<Answer> =>
      app.post(
        `/core/public/web-widgets/${widget.id}/conversations/${id}/feedback`,
        { data: { rating: 4 } },
        undefined,
        token === undefined ? {} : { "x-visitor-token": token },
      );
    expect((await give()).status).toBe(401);
    expect((await give(named)).status).toBe(401);
    const resumed = await app.begin(
      widget.id,
      { user_id: "ada", conversation_id: id },
      { "x-visitor-token": named },
    );
    expect(resumed.status).toBe(401);
    expect((await give(bound.visitor_token)).status).toBe(200);
  });
});
