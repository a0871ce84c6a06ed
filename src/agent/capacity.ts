import { availableParallelism, totalmem } from "node:os";

/** What a talk adds to its process, with its room. Measured, `npm run density`: 5 MB of it when written. */
const TALK_BYTES = 15 * 1024 * 1024;
/** What a process of talks holds besides: 70 MB, and what its first spoken talk adds for all others, 275 MB. */
const PROCESS_BYTES = 345 * 1024 * 1024;
/** The rest is for who else is on the machine. */
const MEMORY_SHARE = 0.75;
/** Measured, `npm run density`: once they are there, 50 written ones take a third of a core. */
const TALKS_PER_CORE = 50;
const MAX_PROCESSES = 4;
/**
 * LiveKit weighs workers by how far they are below its own `agents.target_load`, 0.7 unless configured,
 * and never calls one that is not: a worker that has room stays well below.
 */
const BUSIEST_LOAD = 0.5;
/** Who took a call and has no process by then will not get one any more. */
const COMING_MS = 120_000;

/** A talk that this worker has accepted, by the framework's job. */
export interface RunningTalk {
  readonly id: string;
  readonly room: string;
  readonly identity: string;
}

export interface CapacityOptions {
  /** How many talks at a time. */
  readonly max: number;
  /** The talks that have a process now. */
  readonly running: () => readonly RunningTalk[];
  readonly nowMs: () => number;
}

/** How many processes hold a worker's talks on this machine: more than that wait for each other. */
export function processCount(): number {
  const byMemory = Math.floor(memoryForTalks() / PROCESS_BYTES);
  return Math.max(1, Math.min(byMemory, availableParallelism(), MAX_PROCESSES));
}

/** How many talks a worker on this machine holds, by its memory and its cores. */
export function defaultMaxTalks(): number {
  const left = memoryForTalks() - processCount() * PROCESS_BYTES;
  const byMemory = Math.floor(left / TALK_BYTES);
  return Math.max(1, Math.min(byMemory, availableParallelism() * TALKS_PER_CORE));
}

/** In bytes. */
function memoryForTalks(): number {
  return MEMORY_SHARE * Math.min(totalmem(), process.constrainedMemory() || Infinity);
}

/**
 * What a worker can still take: its own talks against how many it holds. What else the machine does
 * says nothing about that, and would keep every visitor waiting while it is busy.
 */
export class Capacity {
  /** Talks that are accepted and have no process yet, on a busy machine for long. */
  private readonly coming = new Map<string, number>();
  /** The talks that had a process at the last look. */
  private seen: ReadonlyMap<string, RunningTalk> = new Map();

  constructor(private readonly options: CapacityOptions) {}

  get max(): number {
    return this.options.max;
  }

  get taken(): number {
    const running = new Set(this.options.running().map(({ id }) => id));
    const oldest = this.options.nowMs() - COMING_MS;
    for (const [id, sinceMs] of this.coming) {
      if (running.has(id) || sinceMs <= oldest) this.coming.delete(id);
    }
    return running.size + this.coming.size;
  }

  get isFull(): boolean {
    return this.taken >= this.max;
  }

  /** From 0 to 1, as LiveKit wants it; 1 only when nothing more fits. */
  get load(): number {
    return this.isFull ? 1 : (BUSIEST_LOAD * this.taken) / this.max;
  }

  /** @returns whether there is room for one more, which is taken by this. */
  take(id: string): boolean {
    if (this.isFull) return false;
    this.coming.set(id, this.options.nowMs());
    return true;
  }

  /** What was taken does not come. */
  giveBack(id: string): void {
    this.coming.delete(id);
  }

  /** @returns the talks whose process has gone since the last time. */
  takeGone(): readonly RunningTalk[] {
    const now = new Map(this.options.running().map((talk) => [talk.id, talk]));
    const gone = [...this.seen.values()].filter(({ id }) => !now.has(id));
    this.seen = now;
    for (const id of now.keys()) this.coming.delete(id);
    return gone;
  }
}
