import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { TextStreamReader } from "@livekit/rtc-node";
import { MAX_TURN_CHARACTERS } from "../protocol/limits.js";
import { MESSAGE_ATTRIBUTE } from "../protocol/room-words.js";
import { makeTurn, type Turn, type TurnClock } from "./turn.js";

/** Messages that come after one which does not end wait for it so long. */
const UNFINISHED_MS = 1_000;

export interface ChatInboxOptions {
  /** Ids of what is on the platform already: an agent before this one has heard it. */
  readonly known: readonly string[];
  readonly clock: TurnClock;
  /** Takes a turn on its way to the platform. Resolves when it is there, or will never be. */
  readonly record: (turn: Turn) => Promise<void>;
  /** The platform has the message: the panel need not keep it. */
  readonly confirm: (id: string) => void;
  /** A message that is heard for the first time, in the order in which they were begun. */
  readonly onMessage: (turn: Turn) => void;
}

/**
 * What the visitor writes: each message once, however often it is sent, in order, confirmed when the platform has it
 * (contract section 8). A process that dies takes nothing with it that is not on the platform.
 */
export class ChatInbox {
  /** By message: resolves when the platform has it. */
  private readonly heard: Map<string, Promise<void>>;
  private confirming: Promise<unknown> = Promise.resolve();
  /** Resolves when every message so far has had its turn. */
  private earlier: Promise<void> = Promise.resolve();

  constructor(private readonly options: ChatInboxOptions) {
    this.heard = new Map(options.known.map((id) => [id, Promise.resolve()]));
  }

  has(id: string): boolean {
    return this.heard.has(id);
  }

  /** A message from the chat topic. Resolves when it has been read. */
  async receive(reader: TextStreamReader): Promise<void> {
    // Streams are read side by side; what counts is when each one began.
    const createdAt = this.options.clock.next();
    const { earlier } = this;
    const read = readBounded(reader).then(async (text) => {
      const id = readMessageId(reader);
      const isNew = !this.heard.has(id);
      const turn = isNew && makeTurn({ id, role: "user", text, mode: "text", createdAt });
      if (turn) this.heard.set(id, this.options.record(turn));
      await earlier;
      this.confirm(id);
      if (turn) this.options.onMessage(turn);
    });
    this.earlier = Promise.race([read.catch(() => undefined), delay(UNFINISHED_MS)]);
    await read;
  }

  private confirm(id: string): void {
    this.confirming = Promise.all([this.confirming, this.heard.get(id)]).then(() =>
      this.options.confirm(id),
    );
  }
}

/** Only our panel names its messages. */
function readMessageId({ info }: TextStreamReader): string {
  const id = info.attributes?.[MESSAGE_ATTRIBUTE] ?? "";
  return /^[\da-f-]{36}$/.test(id) ? id : randomUUID();
}

/** At most what a turn holds: a stream may be endless. */
async function readBounded(reader: TextStreamReader): Promise<string> {
  let text = "";
  for await (const piece of reader) {
    text += piece;
    if (text.length > MAX_TURN_CHARACTERS) break;
  }
  return text;
}
