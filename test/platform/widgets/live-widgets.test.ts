import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { recordStatements } from "../../support/statements.js";
import { codeOf, feedbackConfig, giveFeedback, publicPath } from "../../support/visitor.js";

let app: TestApp;
/** Another instance on the same database. */
let other: TestApp;
let organization: { id: string; key: string };
beforeAll(async () => {
  app = await TestApp.start();
  other = await TestApp.start({ database: app.parley.database });
  organization = await app.organization();
});
afterAll(async () => {
  await other.stop({ keepDatabase: true });
  await app.stop();
});

const update = (id: string, body: object): Promise<Answer> =>
  app.put(`/core/web-widgets/${id}`, body, organization.key);

const themeAt = async (instance: TestApp, id: string): Promise<unknown> =>
  (await instance.get(publicPath(id))).body.config?.v1?.theme;

describe("a live widget", () => {
  test("is read once for all who ask within a second", async () => {
    const { id } = await app.widget(organization.key);
    // On a busy machine the second would be over.
    const clock = vi.spyOn(performance, "now").mockReturnValue(performance.now());
    await app.get(publicPath(id));
    const { statements } = await recordStatements(() => app.get(publicPath(id)));
    clock.mockRestore();
    expect(statements).toEqual([]);
  });

  test("shows what was written here at once, and elsewhere within a second or so", async () => {
    const { id } = await app.widget(organization.key, { config: { v1: { theme: "dark" } } });
    expect([await themeAt(app, id), await themeAt(other, id)]).toEqual(["dark", "dark"]);
    await update(id, { config: { v1: { theme: "light" } } });
    expect(await themeAt(app, id)).toBe("light");
    await sleep(1_000);
    expect(await themeAt(other, id)).toBe("light");
  });

  test("shows a draft's quick actions as they were written last", async () => {
    const { id, agent_id } = await app.widget(organization.key, {}, { published: false });
    const row = await app.db.widget.findUniqueOrThrow({ where: { id } });
    const actions = (): Promise<unknown> => app.parley.gate.quickActions(row);
    expect(await actions()).toEqual([]);
    const config = { quick_actions: [{ id: "hours", label: "Hours", message: "When?" }] };
    await app.put(`/core/agents/${agent_id}/versions/1`, { config }, organization.key);
    expect(await actions()).toEqual(config.quick_actions);
  });

  test.each<[string, (id: string) => Promise<Answer>, number]>([
    ["unpublished", (id) => update(id, { published: false }), 404],
    ["deleted", (id) => app.delete(`/core/web-widgets/${id}`, organization.key), 404],
    [
      "made strict",
      (id) => app.put(`/core/web-widgets/${id}/security`, { strict: true }, organization.key),
      403,
    ],
  ])(
    "that was %s lets nobody write at another instance from then on",
    async (_name, end, status) => {
      const { id } = await app.widget(organization.key, { config: feedbackConfig() });
      const talk = (await other.begin(id, { user_id: "ada" })).body.conversation.id;
      await end(id);
      expect((await other.begin(id, { user_id: "ada" })).status).toBe(status);
      const resumed = await other.begin(id, { user_id: "ada", conversation_id: talk });
      expect(resumed.status).toBe(status);
      const feedback = await giveFeedback(other, id, talk, { rating: 1 });
      expect(feedback.status).toBe(status);
    },
  );

  test("whose version is published elsewhere starts at once", async () => {
    const { id, agent_id } = await app.widget(organization.key, {}, { published: false });
    expect((await other.begin(id, { user_id: "ada" })).status).toBe(409);
    await app.post(`/core/agents/${agent_id}/versions/1/publish`, {}, organization.key);
    expect((await other.begin(id, { user_id: "ada" })).status).toBe(200);
  });

  test("whose tokens were revoked elsewhere knows none of them in a write, and gives good ones", async () => {
    const { id } = await app.widget(organization.key, { config: feedbackConfig() });
    const { body } = await other.begin(
      id,
      { user_id: "ada" },
      { "x-embed-ticket": await other.ticket(id) },
    );
    const headers = { "x-visitor-token": body.visitor_token };
    const query = `mutation ($id: UUID!) { revokeVisitorTokens(input: { id: $id }) { widget { id } } }`;
    expect(codeOf(await app.gql(query, { id }, organization.key))).toBeUndefined();
    const resume = { user_id: "ada", conversation_id: body.conversation.id };
    expect((await other.begin(id, resume, headers)).status).toBe(401);
    const talk = body.conversation.id;
    expect((await giveFeedback(other, id, talk, { rating: 1 }, body.visitor_token)).status).toBe(
      401,
    );
    const fresh = await other.begin(id, { user_id: "ada" });
    const path = `${publicPath(id)}/conversations/${fresh.body.conversation.id}/messages`;
    const messages = await app.get(path, undefined, {
      "x-visitor-token": fresh.body.visitor_token,
    });
    expect(messages.status).toBe(200);
  });
});
