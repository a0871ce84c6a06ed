/** What a voice activity detector noticed. */
export type VadEvent =
  | { readonly kind: "started" }
  | { readonly kind: "ended"; readonly samples: Int16Array };

/** Louder than this, relative to the noise around, counts as speech. */
const SPEECH_FACTOR = 4;
/** Below this nothing is speech, in units of a 16-bit sample. */
const QUIET_RMS = 250;
const MAX_NOISE_RMS = 1500;
const START_MS = 60;
/** While the agent itself is heard: an echo must not pass for an interruption. */
const START_OVER_AGENT_MS = 300;
const PAUSE_MS = 700;
/** Kept from before the start, so that the first sound is whole. */
const LEAD_MS = 200;
/** Of the pause that ended it, this much stays. */
const TAIL_MS = 100;
const MIN_SPEECH_MS = 150;
const MAX_MS = 15_000;
/** Loudness is judged over about this long. */
const LEVEL_MS = 300;

/**
 * Finds what was said between two pauses by its energy alone: good enough to hear that somebody
 * speaks, without any model. Feed it frames of 10 to 100 ms.
 */
export class EnergyVad {
  /** Set while the agent plays sound. */
  agentIsHeard = false;
  private noise = QUIET_RMS / SPEECH_FACTOR;
  private lead: Int16Array[] = [];
  private leadMs = 0;
  private speech: Int16Array[] | undefined;
  private speechMs = 0;
  private loudMs = 0;
  private silentMs = 0;
  /** Loudness of the speech now, and where it was quietest. */
  private level = 0;
  private quietest = Infinity;

  constructor(private readonly sampleRate: number) {}

  get isSpeaking(): boolean {
    return this.speech !== undefined;
  }

  push(samples: Int16Array): VadEvent | undefined {
    const ms = (samples.length / this.sampleRate) * 1000;
    const rms = rootMeanSquare(samples);
    const loud = rms > Math.max(QUIET_RMS, this.noise * SPEECH_FACTOR);
    if (!loud) this.noise = Math.min(MAX_NOISE_RMS, this.noise * 0.95 + rms * 0.05);
    if (!this.speech) return this.before(samples, ms, loud);
    this.level += (rms - this.level) * Math.min(1, ms / LEVEL_MS);
    if (this.speechMs >= 2 * LEVEL_MS) this.quietest = Math.min(this.quietest, this.level);
    return this.during(samples, ms, loud);
  }

  /** No frame came for a while, or the track ended: what was said so far is all. */
  end(): VadEvent | undefined {
    const { speech } = this;
    if (!speech) return undefined;
    const spokenMs = this.speechMs - this.silentMs;
    this.reset();
    if (spokenMs < MIN_SPEECH_MS) return undefined;
    const samples = join(speech);
    const keep = Math.ceil(((spokenMs + TAIL_MS) / 1000) * this.sampleRate);
    return { kind: "ended", samples: samples.subarray(0, keep) };
  }

  private before(samples: Int16Array, ms: number, loud: boolean): VadEvent | undefined {
    this.loudMs = loud ? this.loudMs + ms : 0;
    this.lead.push(samples.slice());
    this.leadMs += ms;
    while (this.leadMs - frameMs(this.lead[0], this.sampleRate) >= LEAD_MS + this.loudMs) {
      this.leadMs -= frameMs(this.lead.shift(), this.sampleRate);
    }
    if (this.loudMs < (this.agentIsHeard ? START_OVER_AGENT_MS : START_MS)) return undefined;
    this.speech = this.lead;
    this.speechMs = this.leadMs;
    this.silentMs = 0;
    this.lead = [];
    this.leadMs = 0;
    return { kind: "started" };
  }

  private during(samples: Int16Array, ms: number, loud: boolean): VadEvent | undefined {
    this.speech?.push(samples.slice());
    this.speechMs += ms;
    this.silentMs = loud ? 0 : this.silentMs + ms;
    if (this.silentMs >= PAUSE_MS) return this.end();
    if (this.speechMs < MAX_MS) return undefined;
    // Nobody speaks so long without a pause: what never stopped is the noise of a new place.
    this.noise = Math.min(MAX_NOISE_RMS, Math.max(this.noise, this.quietest));
    return this.end();
  }

  private reset(): void {
    this.speech = undefined;
    this.speechMs = 0;
    this.silentMs = 0;
    this.loudMs = 0;
    this.level = 0;
    this.quietest = Infinity;
  }
}

function rootMeanSquare(samples: Int16Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}

function frameMs(frame: Int16Array | undefined, sampleRate: number): number {
  return ((frame?.length ?? 0) / sampleRate) * 1000;
}

function join(frames: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(frames.reduce((length, frame) => length + frame.length, 0));
  let at = 0;
  for (const frame of frames) {
    whole.set(frame, at);
    at += frame.length;
  }
  return whole;
}
