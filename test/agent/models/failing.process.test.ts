import { dispose } from "@livekit/rtc-node";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { nextAudioTrack } from "../../livekit/support.js";
import { ModelServer } from "../../support/model-server.js";
import { endProcesses, ParleyProcess, temporaryDirectory, until } from "../../support/process.js";
import { loudSeconds, Microphone, recordedQuestion } from "../microphone.js";
import { leaveAll, start, VisitorClient } from "../visitor-client.js";

const SLOW = 240_000;
const SORRY = /^I am sorry, I cannot answer at the moment/;

interface Message {
  readonly role: string;
  readonly mode: string;
  readonly text: string;
  readonly error: string | null;
  readonly tool_call: { readonly name: string } | null;
}

let models: ModelServer;
let other: ModelServer;

beforeAll(async () => {
  models = await ModelServer.start();
  other = await ModelServer.start();
});

afterEach(async () => {
  await leaveAll();
  for (const server of [models, other]) {
    server.forget();
    server.hearing = {};
    server.speaking = {};
  }
});

afterAll(async () => {
  await dispose();
  await Promise.all([models.stop(), other.stop()]);
}, SLOW);

/** A platform whose agents use the servers. */
class Site {
  private constructor(
    private readonly parley: ParleyProcess,
    private readonly key: string,
    private readonly widgetId: string,
  ) {}

  static async open(settings: Record<string, string>): Promise<Site> {
    const parley = await ParleyProcess.start({
      ...models.environment(),
      ...settings,
      DATA_DIR: await temporaryDirectory(),
      LOG_LEVEL: "warn",
    });
    const key = parley.demoKey;
    const widgetId = parley.demoWidgetId;
    const site = new Site(parley, key, widgetId);
    await until(
      async () =>
        (await start(parley, widgetId, { user_id: "asks" })).agentAvailable ? 1 : undefined,
      () => `no agent:\n${parley.output}`,
    );
    return site;
  }

  async visitor(): Promise<VisitorClient> {
    const visitor = await VisitorClient.join(
      await start(this.parley, this.widgetId, { user_id: `guest_${crypto.randomUUID()}` }),
    );
    await visitor.hears(/^Hello, and welcome to Harbour Coffee! Ask me/);
    return visitor;
  }

  /** What the owner reads, once it is all there. */
  async messages(
    { started }: VisitorClient,
    fits: (messages: readonly Message[]) => boolean,
  ): Promise<readonly Message[]> {
    let last: readonly Message[] = [];
    return until(
      async () => {
        const path = `/core/conversations/${started.conversationId}`;
        last = JSON.parse((await this.parley.json(path, { key: this.key })).text).conversation
          .messages;
        return fits(last) ? last : undefined;
      },
      () => `never so: ${JSON.stringify(last)}`,
    );
  }

  /** What was logged of models that failed. */
  get failures(): readonly string[] {
    return this.output
      .split("\n")
      .filter((line) => line.includes("model failed"))
      .map((line) => JSON.parse(line).trouble);
  }

  get output(): string {
    return this.parley.output;
  }
}

const lastError = (error: string) => (messages: readonly Message[]) =>
  messages.at(-1)?.error === error;

describe("with one model", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open(models.speechEnvironment());
  }, SLOW);
  afterAll(endProcesses, SLOW);

  test(
    "a visitor is answered by it, and each failure is told in words, in the transcript and in the log",
    async () => {
      const visitor = await site.visitor();
      await visitor.write("Is this a model?");
      await visitor.hears(/^You wrote: Is this a model\?$/);
      const failures: [string, RegExp, string][] = [
        ["!status 401", SORRY, "unauthorized"],
        ["!status 429", SORRY, "rate_limited"],
        ["!status 500", SORRY, "server_error"],
        ["!garbage", SORRY, "bad_answer"],
        ["!slow 60000", SORRY, "timeout"],
        ["!cut", /^This sentence is.*I was cut off\. Please ask me again\.$/s, "cut_off"],
        ["!endless", /^And so on and on/, "cut_off"],
        ["!loop show_form_callback", /^I am sorry, I could not finish that/, "tool_loop"],
        ['!loop show_info_widget {"title":', /^I am sorry, I could not finish that/, "tool_loop"],
      ];
      for (const [words, answer, error] of failures) {
        const heardBefore = visitor.said.length;
        await visitor.write(words);
        await until(
          () => visitor.said.slice(heardBefore).find(({ text }) => answer.test(text)),
          () => `${words}: ${JSON.stringify(visitor.said.slice(heardBefore))}\n${site.output}`,
        );
        await site.messages(visitor, lastError(error));
        expect(site.failures.at(-1), words).toBe(error);
      }
      // The talk goes on, and the model is not told what we said in its place.
      await visitor.write("And now?");
      await visitor.hears(/^You wrote: And now\?$/);
      const asked = JSON.stringify(models.chats.at(-1)?.body.messages);
      expect(asked).toContain("Is this a model?");
      expect(asked).not.toContain("cannot answer at the moment");
      expect(site.output).not.toMatch(/sk-for-tests-only|Incorrect API key/);
    },
    SLOW,
  );

  test(
    "who speaks is answered aloud, and apologised to aloud, whichever model fails",
    async () => {
      const visitor = await site.visitor();
      const track = nextAudioTrack(visitor.room);
      const microphone = await Microphone.open(visitor.me);
      models.transcripts.push("Do you hear me?");
      const heard = track.then(loudSeconds);
      await microphone.say(await recordedQuestion());
      const answer = await visitor.hears(/You wrote: Do you hear me\?/);
      expect(answer.attributes["lk.transcribed_track_id"]).toEqual(expect.any(String));
      expect(await heard).toBeGreaterThan(1);

      models.transcripts.push("!status 500");
      const sorry = track.then(loudSeconds);
      await microphone.say(await recordedQuestion());
      await visitor.hears(SORRY);
      expect(await sorry).toBeGreaterThan(1);

      models.hearing = { status: 500 };
      const deaf = track.then(loudSeconds);
      await microphone.say(await recordedQuestion());
      await visitor.hears(/could not hear that/);
      expect(await deaf).toBeGreaterThan(1);

      models.hearing = {};
      models.speaking = { status: 500 };
      models.transcripts.push("Can I read you?");
      await microphone.say(await recordedQuestion());
      await visitor.hears(/You wrote: Can I read you\?/);
      await microphone.close();

      const messages = await site.messages(
        visitor,
        (all) => all.filter(({ role }) => role === "agent").length === 5,
      );
      expect(messages.slice(1).map(({ role, mode, error }) => `${role} ${mode} ${error}`)).toEqual([
        "user voice null",
        "agent voice null",
        "user voice null",
        "agent voice server_error",
        "agent voice server_error",
        "user voice null",
        "agent voice server_error",
      ]);
      expect(site.output).not.toMatch(/sk-for-tests-only|Incorrect API key/);
    },
    SLOW,
  );
});

describe("with a fallback", () => {
  let site: Site;
  beforeAll(async () => {
    site = await Site.open({ LLM_FALLBACK_BASE_URL: other.url, LLM_FALLBACK_MODEL: "plan-b" });
  }, SLOW);
  afterAll(endProcesses, SLOW);

  test(
    "it answers what the first one does not, and says again what that one has broken off",
    async () => {
      const visitor = await site.visitor();
      for (const fault of ["status 500", "silence", "mute"]) {
        other.say(`Despite ${fault}`);
        await visitor.write(`!${fault}`);
        await visitor.hears(new RegExp(`^Despite ${fault}$`));
        await site.messages(visitor, lastError("fallback"));
      }
      other.say("This is all of it");
      await visitor.write("!cut");
      await visitor.hears(/^This sentence is.*Once more:\s+This is all of it$/s);
      await site.messages(visitor, lastError("cut_off"));
      expect(new Set(other.chats.map(({ body }) => body.model))).toEqual(new Set(["plan-b"]));
      // The first server's key is not for the other.
      expect(other.requests.map(({ raw }) => raw).join()).not.toContain("sk-for-tests-only");
    },
    SLOW,
  );
});
