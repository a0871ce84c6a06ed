import { afterEach, beforeEach, describe, expect, it, vi, type MockInstance } from "vitest";
import { STRINGS } from "../../../src/widget/panel/strings.js";
import type { Talk } from "../../../src/widget/panel/talk.js";
import { begin, lose, preForm, states, texts, useFakeBrowser, type World } from "./fake-talk.js";

const MINUTE_MS = 60_000;
const ada = { userId: "ada", metadata: {} };
const grace = { userId: "grace", metadata: {} };

useFakeBrowser();
let logged: MockInstance;
beforeEach(() => {
  logged = vi.spyOn(console, "error").mockReturnValue(undefined);
});
afterEach(() => {
  // Of everything that a panel ever writes.
  expect(stored()).not.toContain("signature");
});

describe("an identity token", () => {
  it("goes along with the start of its user's conversation, and is in no storage", async () => {
    const token = sign("ada");
    const { talk, starts, world } = await begin({ identity: { ...ada, token } });
    world.goodTokens = [token];
    await say(talk, "Hello");
    expect(starts).toMatchObject([{ userId: "ada", identityToken: token }]);
    expect(stored()).toContain("conversation-1");
  });

  it("is used for one start: afterwards the visitor token remembers the proof, in the next conversation too", async () => {
    const token = sign("ada");
    const { talk, starts, world } = await begin({ identity: { ...ada, token } });
    Object.assign(world, { goodTokens: [token], isIdentityRequired: true });
    await say(talk, "Hello");
    lose(world);
    world.isReachable = true;
    await vi.advanceTimersByTimeAsync(0);
    talk.end();
    // As single-page applications do at each of their steps.
    talk.identify({ ...ada, token });
    await say(talk, "And another thing");
    expect(starts.map((one) => [one.conversationId, one.identityToken, one.visitorToken])).toEqual([
      [undefined, token, undefined],
      ["conversation-1", undefined, "visitor-1"],
      [undefined, undefined, "visitor-1"],
    ]);
  });

  it("that comes fresh in the middle of a talk cuts nothing: the next room's start takes it along", async () => {
    const [first, second] = [sign("ada"), sign("ada", 1200)];
    const { talk, starts, world } = await begin({ identity: { ...ada, token: first } });
    world.goodTokens = [first, second];
    await say(talk, "Hello");
    talk.identify({ ...ada, token: second });
    await vi.advanceTimersByTimeAsync(0);
    expect(starts).toHaveLength(1);
    expect(talk.phase.value).toBe("connected");
    lose(world);
    world.isReachable = true;
    await vi.advanceTimersByTimeAsync(0);
    expect(starts[1]).toMatchObject({ conversationId: "conversation-1", identityToken: second });
  });

  it("stays when the page says more of the same person, and does not when it names another", async () => {
    const token = sign("ada");
    const { talk, starts, world } = await begin({ identity: { ...ada, token } });
    world.goodTokens = [token];
    talk.identify({ userId: "ada", metadata: { plan: "pro" } });
    await say(talk, "Hello");
    talk.identify({ userId: "ada", token: sign("ada", 1200), metadata: {} });
    talk.identify(grace);
    await say(talk, "Hello");
    expect(starts.map((one) => [one.userId, one.identityToken])).toEqual([
      ["ada", token],
      ["grace", undefined],
    ]);
  });

  it("is not sent with a conversation that began under a guest's name", async () => {
    const { talk, starts, world } = await begin({ question: "Hello" });
    const token = sign("ada");
    world.goodTokens = [token];
    talk.identify({ ...ada, token });
    lose(world);
    world.isReachable = true;
    await vi.advanceTimersByTimeAsync(0);
    expect(starts[1]).toMatchObject({
      conversationId: "conversation-1",
      identityToken: undefined,
      metadata: { identified_as: "ada" },
    });
    talk.newConversation();
    talk.feedback.close();
    await say(talk, "As Ada");
    // With the guest's key: it is their first name.
    expect(starts[2]).toMatchObject({
      userId: "ada",
      conversationId: undefined,
      identityToken: token,
      visitorToken: "visitor-1",
    });
  });

  it("that is refused is told to the site's developers, once, and the visitor talks without", async () => {
    const token = sign("ada");
    const { talk, starts, events, details } = await begin({ identity: { ...ada, token } });
    await say(talk, "Hello");
    expect(talk.phase.value).toBe("connected");
    expect(talk.notice.value).toBeUndefined();
    expect(starts.map(({ identityToken }) => identityToken)).toEqual([token, undefined]);
    expect(events.filter((name) => name === "error")).toHaveLength(1);
    expect(details[events.indexOf("error")]).toEqual({
      code: "identity_refused",
      message: STRINGS.identityRefused,
    });
    expect(logged).toHaveBeenCalledOnce();
    talk.identify({ ...ada, token });
    talk.end();
    await say(talk, "Again");
    expect(starts).toHaveLength(3);
  });

  it("that is refused takes no earlier conversation away", async () => {
    await begin({ identity: ada, question: "Hello" });
    const { talk, starts } = await begin({ identity: { ...ada, token: sign("ada") } });
    await say(talk, "Still there?");
    expect(starts.map(({ conversationId }) => conversationId)).toEqual([
      "conversation-1",
      "conversation-1",
    ]);
  });
});

describe("a widget that requires an identity", () => {
  it("waits for it in words, and says then what the visitor wrote meanwhile", async () => {
    const { talk, world, events, details } = await begin();
    world.isIdentityRequired = true;
    await say(talk, "Hello");
    expect(talk.notice.value).toMatchObject({ kind: "identity", text: STRINGS.identityNeeded });
    expect(states(talk)).toEqual(["sending"]);
    expect(details[events.indexOf("error")]).toMatchObject({ code: "identity_required" });
    expect(logged).toHaveBeenCalledOnce();

    vouch(talk, world);
    await heard(world);
    expect(talk.notice.value).toBeUndefined();
    expect(states(talk)).toEqual(["done"]);
    expect(world.sent).toEqual(["Hello"]);
  });

  it("says it in the visitor's earlier conversation where they have one", async () => {
    await begin({ identity: ada, question: "Hello" });
    const { talk, world, starts } = await begin();
    world.isIdentityRequired = true;
    await say(talk, "Still there?");
    vouch(talk, world);
    await heard(world);
    expect(starts.at(-1)).toMatchObject({ conversationId: "conversation-1" });
    expect(texts(talk)).toEqual(["Hello", "Still there?"]);
    expect(world.sent).toEqual(["Still there?"]);
  });

  it("does not wait for a token that came while it was said to be missing", async () => {
    const { talk, world } = await begin();
    world.isIdentityRequired = true;
    world.onStart = () => {
      world.onStart = () => undefined;
      vouch(talk, world);
    };
    await say(talk, "Hello");
    expect(talk.phase.value).toBe("connected");
    expect(talk.notice.value).toBeUndefined();
  });

  it("waits again when the proof has lapsed and the connection is lost, and ends nothing", async () => {
    const token = sign("ada");
    const { talk, world, starts } = await begin({ identity: { ...ada, token } });
    Object.assign(world, { goodTokens: [token], isIdentityRequired: true });
    await say(talk, "Hello");
    world.proven.clear();
    lose(world);
    world.isReachable = true;
    talk.say("Are you there?");
    await vi.advanceTimersByTimeAsync(1000);
    expect(talk.notice.value).toMatchObject({ kind: "identity" });
    expect(talk.conversation.isOpen.value).toBe(true);
    vouch(talk, world);
    await heard(world);
    expect(starts.at(-1)).toMatchObject({ conversationId: "conversation-1" });
    expect(world.sent).toContain("Are you there?");
  });

  it("begins anew with whom the website vouches for, where a guest's conversation cannot go on", async () => {
    const { talk, world, starts } = await begin({ question: "Hello" });
    world.isIdentityRequired = true;
    vouch(talk, world);
    lose(world);
    world.isReachable = true;
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.phase.value).toBe("connected");
    expect(starts.at(-1)).toMatchObject({ userId: "ada", conversationId: undefined });
  });
});

describe("an identity that ends in the middle of a talk", () => {
  it("is told to the page, once, and the talk goes on", async () => {
    const token = sign("ada", 600);
    const { talk, world, events, details } = await begin({ identity: { ...ada, token } });
    world.goodTokens = [token];
    await say(talk, "Hello");
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS - 1000);
    expect(events).not.toContain("identity_expired");
    await vi.advanceTimersByTimeAsync(20 * MINUTE_MS);
    expect(events.filter((name) => name === "identity_expired")).toHaveLength(1);
    expect(details[events.indexOf("identity_expired")]).toEqual({ userId: "ada" });
    expect(talk.conversation.isOpen.value).toBe(true);
  });

  it("is told of the last token only, and of nobody who has left", async () => {
    const { talk, events } = await begin({ identity: { ...ada, token: sign("ada", 600) } });
    talk.identify({ ...ada, token: sign("ada", 1200) });
    await vi.advanceTimersByTimeAsync(15 * MINUTE_MS);
    expect(events).not.toContain("identity_expired");
    talk.logout();
    await vi.advanceTimersByTimeAsync(60 * MINUTE_MS);
    expect(events).not.toContain("identity_expired");
  });

  it("is told once a minute at most, whatever the browser's clock says", async () => {
    const { talk, events } = await begin({ identity: { ...ada, token: sign("ada", -1) } });
    for (const seconds of [-2, -3, -4]) {
      await vi.advanceTimersByTimeAsync(MINUTE_MS - 1);
      expect(events).not.toContain("identity_expired");
      talk.identify({ ...ada, token: sign("ada", seconds) });
    }
    await vi.advanceTimersByTimeAsync(MINUTE_MS);
    expect(events.filter((name) => name === "identity_expired")).toHaveLength(1);
  });
});

describe("a start", () => {
  it("has the same Idempotency-Key until it is answered, and the next one another", async () => {
    const { talk, world, starts } = await begin();
    world.startStatus = 0;
    await say(talk, "Hello");
    talk.notice.value?.action?.run();
    await vi.advanceTimersByTimeAsync(500);
    world.startStatus = 200;
    talk.notice.value?.action?.run();
    await vi.advanceTimersByTimeAsync(500);
    lose(world);
    world.isReachable = true;
    await vi.advanceTimersByTimeAsync(0);
    const [first, second, third, fourth] = starts.map(({ idempotencyKey }) => idempotencyKey);
    expect(starts).toHaveLength(4);
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    expect([second, third]).toEqual([first, first]);
    expect(fourth).not.toBe(first);
  });

  it("of a new conversation is no repetition of one that was given up", async () => {
    const { talk, world, starts } = await begin();
    world.startStatus = 0;
    await say(talk, "Hello");
    talk.newConversation();
    await say(talk, "Hello");
    expect(starts[1]?.idempotencyKey).not.toBe(starts[0]?.idempotencyKey);
  });
});

describe("two people, one after the other, in one window", () => {
  it("share nothing, though nobody logs out: what the first one's tokens open ends as well", async () => {
    const { talk, world, starts, events } = await begin({ identity: ada, preForm: preForm() });
    talk.submitForm({ name: "Ada" });
    await say(talk, "A secret");
    const { value: person } = talk.person;
    talk.identify(grace);
    await vi.advanceTimersByTimeAsync(0);
    expect(texts(talk)).toEqual([]);
    expect(talk.gate.needsForm.value).toBe(true);
    expect(talk.person.value).not.toBe(person);
    expect(events).toContain("conversation_ended");
    expect(world.ended).toEqual(["visitor-1"]);
    expect(stored()).not.toMatch(/ada|Ada|secret/);
    talk.submitForm({ name: "Grace" });
    await say(talk, "Hello");
    expect(starts[1]).toMatchObject({ userId: "grace", visitorToken: undefined });
  });
});

describe("two people, one after the other, on two pages", () => {
  it("share nothing either", async () => {
    const first = await begin({ identity: ada, preForm: preForm() });
    first.talk.submitForm({ name: "Ada" });
    await say(first.talk, "A secret");
    const form = preForm();
    const { talk, world, starts } = await begin({ identity: grace, preForm: form });
    await vi.advanceTimersByTimeAsync(0);
    expect(texts(talk)).toEqual([]);
    expect(form.prefilled).toEqual({});
    expect(world.ended).toEqual(["visitor-1"]);
    expect(stored()).not.toMatch(/\b[Aa]da\b/);
    talk.submitForm({ name: "Grace" });
    await say(talk, "Hello");
    expect(starts).toMatchObject([{ userId: "grace", visitorToken: undefined }]);
  });

  it("of whom the second one has no name, are asked their own form: the first one's comes back with their name", async () => {
    const first = await begin({ identity: ada, preForm: preForm() });
    first.talk.submitForm({ name: "Ada" });
    const form = preForm();
    const { talk } = await begin({ preForm: form });
    expect(talk.gate.needsForm.value).toBe(true);
    expect(form.prefilled).toEqual({});
    talk.say("Hello");
    talk.identify(ada);
    await vi.advanceTimersByTimeAsync(0);
    expect(talk.gate.needsForm.value).toBe(false);
    expect(texts(talk)).toEqual(["Hello"]);
  });
});

describe("a logout", () => {
  it("ends what every visitor token of this browser opens, that of a conversation that is over included", async () => {
    const first = await begin({ identity: ada, question: "Hello" });
    first.talk.end();
    await say(first.talk, "Again");
    const { talk, world } = await begin({ question: "As a guest" });
    talk.end();
    talk.logout();
    await vi.advanceTimersByTimeAsync(0);
    expect(world.ended.toSorted()).toEqual(["visitor-1", "visitor-3"]);
    expect(stored()).not.toContain("visitor");
  });

  it("forgets at once, and tells the platform as soon as it is in reach", async () => {
    const { talk, world, starts } = await begin({ question: "Hello" });
    world.logoutStatus = 0;
    talk.logout();
    expect(texts(talk)).toEqual([]);
    expect(stored()).not.toContain("visitor");
    await vi.advanceTimersByTimeAsync(2000);
    expect(world.ended).toEqual([]);
    world.logoutStatus = 200;
    await vi.advanceTimersByTimeAsync(5000);
    expect(world.ended).toEqual(["visitor-1"]);
    await say(talk, "Somebody else");
    expect(starts[1]).toMatchObject({ visitorToken: undefined });
    expect(starts[1]?.userId).not.toBe(starts[0]?.userId);
  });

  it("is not repeated where the platform knows the token no more", async () => {
    const { talk, world } = await begin({ question: "Hello" });
    world.logoutStatus = 401;
    talk.logout();
    await vi.advanceTimersByTimeAsync(0);
    world.logoutStatus = 200;
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS);
    expect(world.ended).toEqual([]);
  });

  it("in another window is not undone by this one", async () => {
    const first = await begin({ question: "Hello" });
    const second = await begin();
    second.talk.logout();
    first.world.handlers?.show(
      JSON.stringify({ id: "1", kind: "card", type: "info", data: { title: "T" } }),
    );
    expect(stored()).not.toContain("visitor");
  });
});

async function say(talk: Talk, text: string): Promise<void> {
  talk.say(text);
  await vi.advanceTimersByTimeAsync(0);
}

function vouch(talk: Talk, world: World): void {
  const token = sign("ada", 900);
  world.goodTokens.push(token);
  talk.identify({ ...ada, token });
}

async function heard(world: World): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
  world.handlers?.agent("agent-1", "listening");
  await vi.advanceTimersByTimeAsync(0);
}

/** As a website's server makes it, but for the signature: that is the platform's to check. */
function sign(userId: string, seconds = 600): string {
  const claims = { sub: userId, exp: Math.floor(Date.now() / 1000) + seconds };
  return `${btoa("{}")}.${btoa(JSON.stringify(claims))}.signature`;
}

function stored(): string {
  return JSON.stringify([{ ...localStorage }, { ...sessionStorage }]);
}
