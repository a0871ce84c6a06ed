import type { JSX } from "preact";
import { useRef } from "preact/hooks";
import type { PanelConfig } from "../../../protocol/widget-reading.js";
import { formatTime } from "../format-time.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import type { MessageEntry } from "../transcript.js";
import { Avatar } from "./avatar.js";
import { CopyButton } from "./copy-button.js";
import { Icon } from "./icon.js";
import { Markdown } from "./markdown.js";

interface MessageProps {
  entry: MessageEntry;
  talk: Talk;
  chat: PanelConfig["chat"];
  /** Whether the one before is of the same group: who and when is said once for all of it. */
  isFollowUp: boolean;
}

export function MessageView({ entry, talk, chat, isFollowUp }: MessageProps): JSX.Element {
  const state = entry.state.value;
  const text = entry.text.value;
  const words = useRef<HTMLDivElement>(null);
  const isWhole = state === "done" || state === "cut";
  return (
    <div
      class={`message ${entry.role}`}
      data-entry={entry.id}
      data-state={state}
      data-follow-up={isFollowUp}
      data-mode={entry.mode}
    >
      <Sender entry={entry} chat={chat} isFollowUp={isFollowUp} />
      {entry.role === "user" ? (
        <div class="said">
          <CopyButton text={() => text} />
          <p class="bubble" dir="auto">
            {entry.mode === "voice" && <Icon name="microphone" />}
            {text}
          </p>
        </div>
      ) : (
        <>
          <div ref={words}>
            <Markdown text={text} streaming={state === "streaming"} />
          </div>
          {isWhole && <CopyButton text={() => words.current?.innerText.trim() ?? text} />}
        </>
      )}
      {state === "failed" && (
        <p class="failed">
          {STRINGS.notSent}{" "}
          {talk.phase.value !== "ended" && (
            <button type="button" class="link" onClick={() => talk.sendAgain(entry)}>
              {STRINGS.retry}
            </button>
          )}
        </p>
      )}
    </div>
  );
}

/** Who speaks, and since when; of a group's others for screen readers alone. */
function Sender({
  entry: { role, at },
  chat,
  isFollowUp,
}: Pick<MessageProps, "entry" | "chat" | "isFollowUp">): JSX.Element {
  const name = role === "user" ? STRINGS.you : (chat.title ?? STRINGS.agent);
  if (isFollowUp) return <span class="sr-only">{name}: </span>;
  return (
    <p class="sender">
      {role === "agent" && <Avatar chat={chat} size="tiny" />}
      <b dir="auto">{name}</b>
      {at !== undefined && <time dateTime={new Date(at).toISOString()}>{formatTime(at)}</time>}
    </p>
  );
}
