import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { CardAction } from "../../card.js";
import { STRINGS } from "../../strings.js";
import type { CardAnswer } from "../../transcript.js";
import { Icon } from "../icon.js";

/** What a card that can be answered is drawn with. */
export interface AnswerProps {
  answer: (answer: CardAnswer) => void;
  /** The answer that it has. */
  given: CardAnswer | undefined;
}

export function Title({ text }: { text: string | undefined }): JSX.Element | null {
  return text === undefined ? null : <h2 dir="auto">{text}</h2>;
}

export function Picture({ url }: { url: string | undefined }): JSX.Element | null {
  const [isBroken, setBroken] = useState(false);
  if (url === undefined || isBroken) return null;
  return (
    <img
      src={url}
      alt=""
      loading="lazy"
      referrerpolicy="no-referrer"
      onError={() => setBroken(true)}
    />
  );
}

export function Actions({
  actions,
  answer,
  given,
  class: className = "",
}: AnswerProps & { actions: CardAction[]; class?: string }): JSX.Element {
  return (
    <div class={`actions ${className}`}>
      {actions.map((action) => {
        const isChosen = given !== undefined && "action" in given && given.action === action.id;
        const choose = (): void => answer({ action: action.id });
        return action.url === undefined ? (
          <button
            key={action.id}
            type="button"
            class="button"
            // Before there is an answer it is a button like any other.
            aria-pressed={given && isChosen}
            onClick={choose}
          >
            {isChosen && <Icon name="check" />}
            {action.label}
          </button>
        ) : (
          <a
            key={action.id}
            class="button"
            href={action.url}
            target="_blank"
            rel="noopener noreferrer nofollow"
            onClick={choose}
          >
            {action.label}
            <Icon name="external" />
            <span class="sr-only"> {STRINGS.newWindow}</span>
          </a>
        );
      })}
    </div>
  );
}
