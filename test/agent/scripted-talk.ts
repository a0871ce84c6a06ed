import { initializeLogger, voice } from "@livekit/agents";
import pino from "pino";
import { Memory } from "../../src/agent/context/memory.js";
import { ModelInput } from "../../src/agent/context/model-input.js";
import type { TalkFacts } from "../../src/agent/context/talk-data.js";
import { PanelTools } from "../../src/agent/panel-tools.js";
import { personaOf } from "../../src/agent/persona.js";
import { TalkAgent } from "../../src/agent/talk-agent.js";
import { agentTools } from "../../src/agent/tools/agent-tools.js";
import { SafeFetcher } from "../../src/process/web/safe-fetch.js";
import type { AgentConfig } from "../../src/protocol/agent-config.js";
import type { ToolCall } from "../../src/protocol/worker-api.js";
import type { LocalSite } from "../support/local-site.js";
import { ScriptedModel, type Said } from "../support/scripted-model.js";

const NOBODY: TalkFacts = {
  userId: undefined,
  isVerified: false,
  identityMetadata: null,
  formValues: {},
  page: null,
};

export interface TalkOptions {
  readonly config: AgentConfig;
  readonly site: LocalSite;
  /** What the model says, one after the other; words at the end. */
  readonly script: readonly Said[];
  readonly facts?: Partial<TalkFacts>;
}

/** A talk without a room, on the framework's session: a model that says what a test wants, and what became of it. */
export class ScriptedTalk {
  readonly model: ScriptedModel;
  readonly panel: PanelTools;
  /** What reached the visitor's panel. */
  readonly shown: { readonly id: string; readonly kind: string; readonly type?: string }[] = [];
  readonly records: ToolCall[] = [];
  private readonly session: voice.AgentSession;
  private readonly agent: TalkAgent;

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
    const dataTag = "data-0123456789ab";
    const persona = personaOf(config, dataTag);
    const fetcher = new SafeFetcher(site.options());
    const memory = new Memory({ model: this.model, log: pino({ level: "silent" }) });
    const picture = async (): Promise<undefined> => undefined;
    this.agent = new TalkAgent(
      {
        instructions: persona.instructions,
        tools: agentTools({ config, panel: this.panel, fetcher, record }),
      },
      new ModelInput({ facts: { ...NOBODY, ...facts }, dataTag, memory, picture }),
    );
    this.session = new voice.AgentSession({
      llm: this.model,
      vad: null,
      turnHandling: { turnDetection: null },
      maxToolSteps: persona.maxToolSteps,
      userAwayTimeout: null,
    });
  }

  async say(userInput: string): Promise<void> {
    await this.session.generateReply({ userInput }).waitForPlayout();
  }

  async start(): Promise<void> {
    await this.session.start({ agent: this.agent, record: false });
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
