import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { formatTime } from "../format-time.js";
import type { PastTalks } from "../past-talks.js";
import type { PastTalk } from "../runtime-api.js";
import { fill, STRINGS } from "../strings.js";

interface ListProps {
  talks: PastTalks;
  found: readonly PastTalk[];
}

export function PastTalksList({ talks, found }: ListProps): JSX.Element {
  const [opening, setOpening] = useState<string>();
  const [hasFailed, setFailed] = useState(false);
  if (found.length === 0) return <p class="muted">{STRINGS.pastNone}</p>;
  const open = (talk: PastTalk): void => {
    setOpening(talk.id);
    setFailed(false);
    talks.open(talk).catch(() => {
      setOpening((now) => (now === talk.id ? undefined : now));
      setFailed(true);
    });
  };
  return (
    <>
      {hasFailed && (
        <p class="form-error" role="alert">
          {STRINGS.requestFailed}
        </p>
      )}
      <ul>
        {found.map((talk) => (
          <li key={talk.id}>
            <button type="button" aria-busy={opening === talk.id} onClick={() => open(talk)}>
              <span class="past-talk-words" dir="auto" translate>
                {talk.firstWords ?? STRINGS.conversation}
              </span>
              <span class="past-talk-about">
                <time dateTime={new Date(talk.at).toISOString()}>{formatTime(talk.at)}</time>
                {" · "}
                {fill(STRINGS.pastMessages, { count: talk.messages })}
                {" · "}
                {talk.isOver ? STRINGS.talkOver : STRINGS.talkOpen}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
