import { initializeLogger, voice } from "@livekit/agents";
import pino from "pino";
import { PanelTools } from "../../src/agent/panel-tools.js";
import { TalkMind, type TalkMindDependencies } from "../../src/agent/talk-mind.js";
import { SafeFetcher } from "../../src/process/web/safe-fetch.js";
import type { AgentConfig } from "../../src/protocol/agent-config.js";
import type { ToolCall } from "../../src/protocol/worker-api.js";
import type { LocalSite } from "../support/local-site.js";
import { ScriptedModel, type Said } from "../support/scripted-model.js";

export type Facts = Partial<Omit<TalkMindDependencies["job"], "config">>;

const NOBODY = {
  userId: "guest_1",
  userVerified: false,
  identityMetadata: null,
  formValues: {},
  page: null,
  summaryOfEarlier: null,
};

export interface TalkOptions {
  readonly config: AgentConfig;
  readonly site: LocalSite;
  /** What the model says, one after the other; words at the end. */
  readonly script: readonly Said[];
  readonly facts?: Facts;
}

/** A talk without a room, on the framework's session: a model that says what a test wants, and what became of it. */
export class ScriptedTalk {
  readonly model: ScriptedModel;
  readonly panel: PanelTools;
  /** What reached the visitor's panel. */
  readonly shown: { readonly id: string; readonly kind: string; readonly type?: string }[] = [];
  readonly records: ToolCall[] = [];
  private readonly session: voice.AgentSession;
  private readonly mind: TalkMind;

  constructor({ config, site, script, facts }: TalkOptions) {
    initializeLogger({ pretty: false, level: "silent" });
    const record = (_text: string, call: ToolCall): void => void this.records.push(call);
    this.model = new ScriptedModel((_items, turn) => script[turn] ?? "That is all.");
    this.panel = new PanelTools({
      config,
      show: async (payload) => {
        this.shown.push(JSON.parse(payload));
        return JSON.stringify({ shown: true });
      },
      onAnswer: () => {},
      record,
    });
    this.mind = new TalkMind({
      job: { ...NOBODY, ...facts, config },
      model: this.model,
      panel: this.panel,
      picture: async () => undefined,
      record,
      log: pino({ level: "silent" }),
      fetcher: new SafeFetcher(site.options()),
    });
    this.session = new voice.AgentSession({
      llm: this.model,
      vad: null,
      turnHandling: { turnDetection: null },
      maxToolSteps: this.mind.persona.maxToolSteps,
      userAwayTimeout: null,
    });
  }

  async say(userInput: string): Promise<void> {
    await this.session.generateReply({ userInput }).waitForPlayout();
  }

  async start(): Promise<void> {
    await this.session.start({ agent: this.mind.agent({}), record: false });
  }

  async close(): Promise<void> {
    this.panel.close();
    await this.session.close();
  }

  /** Everything that the model was sent, as one text. */
  get sent(): string {
    return JSON.stringify(this.model.asked);
  }

  /** Its system messages. */
  get systemMessages(): readonly string[] {
    const items = this.model.asked.flat();
    return items.flatMap((item) =>
      item.type === "message" && (item.role === "system" || item.role === "developer")
        ? [item.textContent ?? ""]
        : [],
    );
  }
}
