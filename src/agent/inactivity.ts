import { voice } from "@livekit/agents";
import { TrackSource, type RemoteParticipant } from "@livekit/rtc-node";
import type { AgentConfig } from "../protocol/agent-config.js";
import { NUDGE_DEFAULTS } from "../protocol/agent-behaviour.js";

type InactivityNudge = NonNullable<AgentConfig["inactivity_nudge"]>;
export type Nudge = NonNullable<InactivityNudge["nudges"]>[number];

export interface InactivityOptions {
  readonly inactivityNudge: InactivityNudge;
  /** Whether the visitor's microphone is on: somebody who reads may take their time. */
  readonly isVoice: () => boolean;
  readonly say: (nudge: Nudge) => void;
  readonly hangUp: () => void;
}

/** `inactivity_nudge` (contract section 7): speaks into a long silence, and hangs up after the last time. */
export class Inactivity {
  private said = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly options: InactivityOptions) {}

  /** The visitor has said or done something. */
  visitorActs(): void {
    this.said = 0;
    if (this.timer) this.nobodySpeaks();
  }

  /** Neither speaks, and the agent is not about to. */
  nobodySpeaks(): void {
    const { inactivityNudge } = this.options;
    const first = inactivityNudge.timeout_seconds ?? NUDGE_DEFAULTS.timeoutSeconds;
    const next = inactivityNudge.nudge_interval_seconds ?? NUDGE_DEFAULTS.intervalSeconds;
    this.somebodySpeaks();
    this.timer = setTimeout(() => this.onSilence(), (this.said === 0 ? first : next) * 1000);
  }

  somebodySpeaks(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  close(): void {
    this.somebodySpeaks();
  }

  private onSilence(): void {
    const { inactivityNudge, isVoice, say, hangUp } = this.options;
    this.timer = undefined;
    if (!isVoice()) {
      this.said = 0;
      return this.nobodySpeaks();
    }
    const next = (inactivityNudge.nudges ?? NUDGE_DEFAULTS.nudges)[this.said];
    this.said += 1;
    return next ? say(next) : hangUp();
  }
}

/** Tells it who speaks in a session. */
export function followSilence(session: voice.AgentSession, inactivity: Inactivity): void {
  const { AgentStateChanged, UserStateChanged } = voice.AgentSessionEventTypes;
  const look = (): void => {
    const isSilent = session.agentState === "listening" && session.userState !== "speaking";
    if (isSilent) inactivity.nobodySpeaks();
    else inactivity.somebodySpeaks();
  };
  session.on(AgentStateChanged, look);
  session.on(UserStateChanged, ({ newState }) => {
    if (newState === "speaking") inactivity.visitorActs();
    look();
  });
  // Who waits for the visitor's first word changes into nothing.
  look();
}

export function hasOpenMicrophone(visitor: RemoteParticipant | undefined): boolean {
  const publications = [...(visitor?.trackPublications.values() ?? [])];
  return publications.some(
    ({ source, muted }) => source === TrackSource.SOURCE_MICROPHONE && !muted,
  );
}
