import { describe, expect, it, vi } from "vitest";
import { VisitorConsent } from "../../../src/widget/panel/visitor-consent.js";
import { begin, preForm, useFakeBrowser, type World } from "./fake-talk.js";

useFakeBrowser();

const consent = (version = "1"): VisitorConsent =>
  new VisitorConsent("widget", { required: true, version });
const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
async function agentComes(world: World): Promise<void> {
  await settle();
  world.handlers?.agent("agent-1", "listening");
  await settle();
}
const AGREED = { version: "1", language: "de" };

describe("before the visitor agrees", () => {
  it("neither a question nor an opening starts anything, and nothing is kept", async () => {
    const { talk, starts } = await begin({
      consent: consent(),
      startsOnOpen: true,
    });
    talk.say("Do you deliver?");
    talk.startByItself();
    await talk.startVoice();
    expect(talk.gate.needsConsent.value).toBe(true);
    expect(starts).toEqual([]);
    expect([Object.keys(localStorage), Object.keys(sessionStorage)]).toEqual([[], []]);
  });

  it("the form waits too; then what they wanted begins, with what they agreed to", async () => {
    const { talk, starts, world } = await begin({
      consent: consent(),
      preForm: preForm(),
    });
    talk.say("Do you deliver?");
    expect([talk.gate.needsConsent.value, talk.gate.needsForm.value]).toEqual([true, true]);
    talk.agree(AGREED);
    expect([talk.gate.needsConsent.value, starts.length]).toEqual([false, 0]);
    talk.submitForm({ name: "Ada" });
    await agentComes(world);
    expect(world.sent).toEqual(["Do you deliver?"]);
    expect(starts[0]?.consent).toEqual(AGREED);
  });

  it("a refusal drops what they had asked", async () => {
    const { talk, starts, world } = await begin({ consent: consent() });
    talk.say("Hello?");
    talk.gate.decline();
    expect(talk.gate.needsConsent.value).toBe(true);
    talk.agree(AGREED);
    talk.say("Something else");
    await agentComes(world);
    expect(world.sent).toEqual(["Something else"]);
    expect(starts).toHaveLength(1);
  });
});

describe("what was agreed to", () => {
  it("is remembered in this browser for its version alone, until the visitor leaves", async () => {
    const { talk } = await begin({ consent: consent() });
    talk.agree(AGREED);
    expect(consent("1").isMissing.value).toBe(false);
    expect(consent("2").isMissing.value).toBe(true);
    talk.logout();
    expect(consent("1").isMissing.value).toBe(true);
  });

  it("is asked for when the platform wants another version, and the message goes on after that", async () => {
    const { talk, starts, world } = await begin({ consent: consent() });
    talk.agree(AGREED);
    world.startStatus = 409;
    world.startCode = "consent_required";
    talk.say("Hello");
    await settle();
    expect(talk.gate.needsConsent.value).toBe(true);
    expect(talk.notice.value).toBeUndefined();
    world.startStatus = 200;
    talk.agree({ version: "2", language: "de" });
    await agentComes(world);
    expect(world.sent).toEqual(["Hello"]);
    expect(starts.at(-1)?.consent).toEqual({ version: "2", language: "de" });
  });
});
