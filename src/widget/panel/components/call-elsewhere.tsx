import type { JSX } from "preact";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";

/** Of a call there is one, and it may go on where the visitor is looking. */
export function CallElsewhere({ talk }: { talk: Talk }): JSX.Element | null {
  if (!talk.shared.isCallElsewhere.value || talk.call.phase.value !== "off") return null;
  return (
    <section class="voice" aria-label={STRINGS.startVoice}>
      <div class="voice-row">
        <span class="voice-state">{STRINGS.callElsewhere}</span>
        <button type="button" class="button" onClick={() => void talk.startVoice()}>
          {STRINGS.callHere}
        </button>
      </div>
    </section>
  );
}
