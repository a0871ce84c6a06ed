import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { AgentConfig } from "../protocol/agent-config.js";
import { CARD_SCHEMAS, CARD_TYPES, type CardType } from "../protocol/cards.js";
import { MAX_CALL_BYTES } from "../protocol/limits.js";
import type { Answer, AnswerCall, ShowCall } from "../protocol/room-words.js";
import type { ToolCall } from "../protocol/worker-api.js";

/** At most this many open at once; beyond it the oldest is dropped. */
const MAX_OPEN = 20;
const MAX_CLOSED = 200;
const RETRY_WAITS_MS = [500, 1_000, 2_000, 5_000, 10_000];

/** A tool as a model sees it. */
interface BuiltInTool {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of its arguments. */
  readonly parameters: object;
}

type Values = Readonly<Record<string, unknown>>;
type Given = Answer<Values>;

interface Prepared {
  readonly show: ShowCall;
  /** The same, as it is sent. */
  readonly payload: string;
}

interface OpenShow extends Prepared {
  readonly tool: string;
  retries: number;
  timer: NodeJS.Timeout | undefined;
}

/** What the visitor did with a card or form. */
export interface PanelAnswer {
  readonly id: string;
  /** The tool that showed it. */
  readonly tool: string;
  readonly given: Given;
}

interface ShowResult {
  /** False: the panel is not there yet, and gets it when it is; or the call was refused. */
  readonly shown: boolean;
  /** Why the call was refused, for the model. */
  readonly error?: string;
}

export interface PanelToolsDependencies {
  readonly config: AgentConfig;
  /** Calls `parley.show` at the visitor's panel; throws when it does not answer. */
  readonly show: (payload: string) => Promise<string>;
  readonly onAnswer: (answer: PanelAnswer) => void;
  /** Notes a call for the transcript. */
  readonly record: (text: string, call: ToolCall) => void;
}

/** What a show's record has for its result, and an answer's has not. */
const showResultSchema = z.object({ shown: z.boolean() });

const answerSchema: z.ZodType<AnswerCall<Values>> = z.union([
  z.object({ id: z.string().max(100), values: z.record(z.string(), z.unknown()) }),
  z.object({ id: z.string().max(100), action: z.string().min(1).max(200) }),
  z.object({ id: z.string().max(100), dismissed: z.literal(true) }),
]);

/**
 * The built-in tools (contract section 7): cards and forms that the agent shows in the visitor's
 * panel. An answer takes a person minutes, so it comes as a call of its own, and what is still
 * open goes to a panel that joins late.
 */
export class PanelTools {
  /** By tool name; what the config does not turn on is not here. */
  readonly tools: ReadonlyMap<string, BuiltInTool>;
  private readonly open = new Map<string, OpenShow>();
  private readonly closed = new Set<string>();

  constructor(private readonly deps: PanelToolsDependencies) {
    this.tools = new Map(builtInTools(deps.config).map((tool) => [tool.name, tool]));
  }

  /**
   * Runs a tool. Wrong arguments, and more than a call can carry, are refused with a sentence that
   * a model can act on.
   */
  async call(name: string, args: object): Promise<ShowResult> {
    const prepared = this.prepare(name, args);
    const call = { call_id: randomUUID(), name, arguments: args };
    if ("error" in prepared) {
      this.deps.record(`${name} was refused.`, { ...call, result: null, error: prepared.error });
      return { shown: false, error: prepared.error };
    }
    const { id } = prepared.show;
    this.keepOpen(name, prepared);
    const shown = await this.deliver(id);
    this.deps.record(describe(name, prepared.show), {
      ...call,
      call_id: id,
      result: { shown },
      error: null,
    });
    return { shown };
  }

  /**
   * Takes over from an agent that was here before. What it showed and nobody answered is open again.
   *
   * @param calls the transcript's.
   */
  reopen(calls: readonly ToolCall[]): void {
    const shows = calls.filter(({ result }) => showResultSchema.safeParse(result).success);
    const answered = calls.filter((call) => call.error === null && !shows.includes(call));
    for (const { call_id: id } of answered) this.forget(id);
    for (const { call_id: id, name, arguments: args } of shows) {
      const prepared = this.prepare(name, args, id);
      // The config no longer has it, or it was too large to be recorded.
      if ("error" in prepared || this.closed.has(id)) continue;
      this.keepOpen(name, prepared);
    }
  }

  /** The panel joined, perhaps again: it gets what is still open. */
  async deliverAll(): Promise<void> {
    await Promise.all([...this.open.keys()].map((id) => this.deliver(id)));
  }

  /**
   * Takes a `parley.answer`. The same answer again is accepted again, without effect.
   *
   * @returns the answer's JSON: `accepted` is false for what was never shown or is not understood.
   */
  receive(payload: string): string {
    const given = parseAnswer(payload);
    if (!given) return JSON.stringify({ accepted: false });
    if (this.closed.has(given.id)) return JSON.stringify({ accepted: true });
    const shown = this.open.get(given.id);
    if (!shown) return JSON.stringify({ accepted: false });
    this.forget(given.id);
    const answer = { id: given.id, tool: shown.tool, given: restrict(given, shown.show) };
    this.deps.record(describeAnswer(answer), {
      call_id: answer.id,
      name: shown.tool,
      arguments: {},
      result: answer.given,
      error: null,
    });
    this.deps.onAnswer(answer);
    return JSON.stringify({ accepted: true });
  }

  /** Stops trying to reach the panel. */
  close(): void {
    for (const { timer } of this.open.values()) clearTimeout(timer);
    this.open.clear();
  }

  private prepare(
    name: string,
    args: unknown,
    id: string = randomUUID(),
  ): Prepared | { error: string } {
    const form = this.deps.config.built_in_tools?.forms?.find((one) => formTool(one.id) === name);
    const type = CARD_TYPES.find((one) => cardTool(one) === name);
    let show: ShowCall;
    if (form) {
      show = { id, kind: "form", data: form };
    } else if (type && this.tools.has(name)) {
      const checked = CARD_SCHEMAS[type].safeParse(args);
      if (!checked.success) return { error: z.prettifyError(checked.error).slice(0, 1000) };
      show = { id, kind: "card", type, data: checked.data };
    } else {
      return { error: `There is no tool ${name}.` };
    }
    const payload = JSON.stringify(show);
    const bytes = Buffer.byteLength(payload);
    if (bytes > MAX_CALL_BYTES) {
      return {
        error: `This is ${bytes} bytes; at most ${MAX_CALL_BYTES} can be shown. Show less.`,
      };
    }
    return { show, payload };
  }

  private async deliver(id: string): Promise<boolean> {
    const shown = this.open.get(id);
    if (!shown) return false;
    clearTimeout(shown.timer);
    try {
      await this.deps.show(shown.payload);
      return true;
    } catch {
      // The panel is not there, or not ready: as long as nobody answered, it is tried again.
      const wait = RETRY_WAITS_MS[shown.retries];
      shown.retries += 1;
      if (wait !== undefined && this.open.has(id)) {
        shown.timer = setTimeout(() => void this.deliver(id), wait);
      }
      return false;
    }
  }

  private forget(id: string): void {
    clearTimeout(this.open.get(id)?.timer);
    this.open.delete(id);
    this.closed.add(id);
    const [oldest] = this.closed;
    if (this.closed.size > MAX_CLOSED && oldest !== undefined) this.closed.delete(oldest);
  }

  private keepOpen(tool: string, prepared: Prepared): void {
    const [oldest] = this.open.keys();
    if (this.open.size >= MAX_OPEN && oldest !== undefined) this.forget(oldest);
    this.open.set(prepared.show.id, { ...prepared, tool, retries: 0, timer: undefined });
  }
}

export function cardTool(type: CardType): string {
  return `show_${type}_widget`;
}

export function formTool(formId: string): string {
  return `show_form_${formId}`;
}

/** A key that is present turns its tools on [documented]. */
function builtInTools(config: AgentConfig): BuiltInTool[] {
  const { widgets, forms } = config.built_in_tools ?? {};
  const types = widgets ? (widgets.allowed ?? CARD_TYPES) : [];
  const cards = types.map((type) => ({
    name: cardTool(type),
    description: CARD_SCHEMAS[type].description ?? `Shows a card of type ${type}.`,
    parameters: z.toJSONSchema(CARD_SCHEMAS[type]),
  }));
  const shown = (forms ?? []).map((form) => ({
    name: formTool(form.id),
    description:
      form.description ?? `Show the '${form.name}' form to collect structured data from the user.`,
    parameters: { type: "object", properties: {}, additionalProperties: false },
  }));
  return [...cards, ...shown];
}

function parseAnswer(payload: string): AnswerCall<Values> | undefined {
  try {
    const parsed = answerSchema.safeParse(JSON.parse(payload));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps of a form's values only those of its fields, and of a one-time code that it was given. */
function restrict(given: AnswerCall<Values>, show: ShowCall): Given {
  // In no transcript, trace, log or model's context (contract section 7).
  if (show.type === "collect_otp" && !("dismissed" in given)) return { values: { otp: "given" } };
  if ("action" in given) return { action: given.action };
  if ("dismissed" in given) return { dismissed: true };
  if (show.kind === "card") return { values: given.values };
  const fields = "fields" in show.data && Array.isArray(show.data.fields) ? show.data.fields : [];
  const ids = new Set(fields.map((field: { id?: unknown }) => field.id));
  const kept = Object.entries(given.values).filter(([id]) => ids.has(id));
  return { values: Object.fromEntries(kept) };
}

function describe(tool: string, show: ShowCall): string {
  const title = "title" in show.data && typeof show.data.title === "string" ? show.data.title : "";
  const what = show.kind === "form" ? "form" : `card (${show.type})`;
  return title === "" ? `Showed a ${what}: ${tool}.` : `Showed a ${what}: ${title}`;
}

function describeAnswer({ given }: PanelAnswer): string {
  if ("dismissed" in given) return "The visitor closed it.";
  return "action" in given ? `The visitor chose “${given.action}”.` : "The visitor filled it in.";
}
