import { signal } from "@preact/signals";
import { MAX_TURN_CHARACTERS } from "../../protocol/limits.js";
import type { Fields } from "../../protocol/read.js";
import type { VideoProblem } from "./call.js";
import type { MicrophoneProblem } from "./microphone-problem.js";
import type { StartFailure } from "./start-failure.js";
import { fill, MICROPHONE_PROBLEMS, STRINGS } from "./strings.js";

type NoticeKind =
  | "microphone"
  | "video"
  | "length"
  | "agent"
  | "connection"
  | "start"
  | "identity"
  | "elsewhere";

export interface Notice {
  kind: NoticeKind;
  text: string;
  action: { label: string; run: () => void } | undefined;
}

export interface NoticesOptions {
  /** Tells the website what has failed: its `error` event. */
  emit: (detail: Fields) => void;
  /** The same again, as the visitor asks for it. */
  retry: () => void;
  /** A fresh room with a fresh agent. */
  rejoin: () => void;
}

/** What the visitor is told beside the talk: one thing at a time, the latest. */
export class Notices {
  readonly current = signal<Notice | undefined>(undefined);
  readonly #options: NoticesOptions;

  constructor(options: NoticesOptions) {
    this.#options = options;
  }

  microphone(problem: MicrophoneProblem): void {
    const text = MICROPHONE_PROBLEMS[problem];
    this.#set("microphone", text);
    this.#options.emit({ code: `microphone_${problem}`, message: text });
  }

  video(problem: VideoProblem): void {
    const text = {
      camera_failed: STRINGS.cameraFailed,
      camera_lost: STRINGS.cameraLost,
      screen_failed: STRINGS.screenFailed,
    }[problem];
    this.#set("video", text);
    this.#options.emit({ code: problem, message: text });
  }

  tooLong(): void {
    this.#set("length", fill(STRINGS.tooLong, { characters: MAX_TURN_CHARACTERS }));
  }

  noAgent(text: string): void {
    this.#set("agent", text, { label: STRINGS.retry, run: this.#options.rejoin });
    this.#options.emit({ code: "no_agent", message: text });
  }

  agentLeft(): void {
    this.#set("agent", STRINGS.agentLeft, { label: STRINGS.stay, run: this.#options.rejoin });
  }

  elsewhere(): void {
    this.#set("elsewhere", STRINGS.elsewhere, { label: STRINGS.stay, run: this.#options.rejoin });
  }

  /** It is tried again by itself; the visitor may ask for it at once. */
  unreachable(text: string): void {
    this.#set("connection", text, { label: STRINGS.retry, run: this.#options.retry });
  }

  identityNeeded(): void {
    this.#set("identity", STRINGS.identityNeeded);
    this.#options.emit({ code: "identity_required", message: STRINGS.identityNeeded });
  }

  startFailed({ text, status, isPassing }: StartFailure): void {
    const retry = { label: STRINGS.retry, run: this.#options.retry };
    this.#set("start", text, isPassing ? retry : undefined);
    this.#options.emit({ code: "start_failed", message: text, status });
  }

  /** @param kind leaves a notice of another kind alone */
  clear(kind?: NoticeKind): void {
    if (kind === undefined || this.current.value?.kind === kind) this.current.value = undefined;
  }

  /** Why there is no microphone stays true while the talk goes on by text; what was cut off stays so. */
  clearForTry(): void {
    const { kind } = this.current.value ?? {};
    if (kind !== "microphone" && kind !== "video" && kind !== "length") this.clear();
  }

  #set(kind: NoticeKind, text: string, action?: Notice["action"]): void {
    // It is read out once, however often it becomes true again.
    if (this.current.value?.text === text) return;
    this.current.value = { kind, text, action };
  }
}
