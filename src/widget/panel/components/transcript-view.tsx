import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { PanelConfig } from "../../../protocol/widget-reading.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import { PAST, type Entry, type MessageEntry } from "../transcript.js";
import { Avatar } from "./avatar.js";
import { CardView, announceCard } from "./card.js";
import { Icon } from "./icon.js";
import { Markdown } from "./markdown.js";

/** Closer to the end than this, the view follows new words. */
const FOLLOW_PX = 80;
/** So many of the latest entries are kept where screen readers listen. */
const ANNOUNCED = 4;

export function TranscriptView({
  talk,
  chat,
}: {
  talk: Talk;
  chat: PanelConfig["chat"];
}): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const lastTop = useRef(0);
  const [isBehind, setBehind] = useState(false);
  const entries = talk.transcript.entries.value;
  const lastOwn = entries.filter(
    (entry) => entry.kind === "message" && entry.role === "user",
  ).length;

  const toEnd = (): void => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  };
  // The visitor's own message brings them to the end, wherever they were reading.
  useLayoutEffect(() => {
    isFollowing.current = true;
    toEnd();
  }, [lastOwn]);
  useEffect(() => {
    if (content.current === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (isFollowing.current) toEnd();
      else setBehind(true);
    });
    observer.observe(content.current);
    if (scroller.current !== null) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, []);
  const onScroll = (): void => {
    const element = scroller.current;
    if (element === null) return;
    const { scrollTop } = element;
    const distance = element.scrollHeight - scrollTop - element.clientHeight;
    // Far from the end and not moved up, the content has grown: that is no wish to stay.
    if (distance < FOLLOW_PX) isFollowing.current = true;
    else if (scrollTop < lastTop.current) isFollowing.current = false;
    lastTop.current = scrollTop;
    if (isFollowing.current) setBehind(false);
  };

  return (
    <div class="transcript">
      <div
        class="log"
        ref={scroller}
        role="log"
        aria-label={STRINGS.conversation}
        // Growing words would be read again and again: whole messages are announced below.
        aria-live="off"
        tabIndex={0}
        onScroll={onScroll}
      >
        <div class="log-content" ref={content}>
          <Welcome chat={chat} isSmall={entries.length > 0} />
          {entries.map((entry, index) => (
            <EntryView key={entry.id} entry={entry} before={entries[index - 1]} talk={talk} />
          ))}
          <Thinking talk={talk} />
        </div>
      </div>
      {isBehind && (
        <button type="button" class="jump" onClick={toEnd}>
          <Icon name="down" />
          {STRINGS.jump}
        </button>
      )}
      <div class="sr-only" aria-live="polite">
        {entries.slice(-ANNOUNCED).map((entry) => (
          <Announcement key={entry.id} entry={entry} />
        ))}
      </div>
    </div>
  );
}

/** Notes, the agent's whole messages and its cards, each once, also one that says the same again; no words of earlier visits. */
function Announcement({ entry }: { entry: Entry }): JSX.Element | null {
  if (entry.kind === "card") return <p>{announceCard(entry.show)}</p>;
  if (entry.kind === "note") return <p>{entry.text}</p>;
  if (entry.role === "user" || entry.id.startsWith(PAST)) return null;
  const { value: state } = entry.state;
  return state === "done" || state === "cut" ? (
    <Markdown text={entry.text.value} streaming={false} />
  ) : null;
}

function Welcome({ chat, isSmall }: { chat: PanelConfig["chat"]; isSmall: boolean }): JSX.Element {
  return (
    <div class="welcome" data-small={isSmall}>
      {chat.logo_url === undefined ? (
        <Avatar chat={chat} size="large" />
      ) : (
        <img class="logo" src={chat.logo_url} alt="" />
      )}
      <p class="welcome-title" dir="auto">
        {chat.title ?? STRINGS.title}
      </p>
      {chat.welcome_message !== undefined && (
        <Markdown text={chat.welcome_message} streaming={false} />
      )}
    </div>
  );
}

function EntryView({
  entry,
  before,
  talk,
}: {
  entry: Entry;
  before: Entry | undefined;
  talk: Talk;
}): JSX.Element {
  switch (entry.kind) {
    case "message": {
      const isSameSpeaker = before?.kind === "message" && before.role === entry.role;
      return <MessageView entry={entry} talk={talk} isFollowUp={isSameSpeaker} />;
    }
    case "card":
      return <CardView entry={entry} talk={talk} />;
    case "note":
      return <p class="note">{entry.text}</p>;
  }
}

function MessageView({
  entry,
  talk,
  isFollowUp,
}: {
  entry: MessageEntry;
  talk: Talk;
  isFollowUp: boolean;
}): JSX.Element {
  const state = entry.state.value;
  const text = entry.text.value;
  return (
    <div
      class={`message ${entry.role}`}
      data-state={state}
      data-follow-up={isFollowUp}
      data-mode={entry.mode}
    >
      <span class="sr-only">{entry.role === "user" ? STRINGS.you : STRINGS.agent}: </span>
      {entry.role === "user" ? (
        <p class="bubble" dir="auto">
          {entry.mode === "voice" && <Icon name="microphone" />}
          {text}
        </p>
      ) : (
        <Markdown text={text} streaming={state === "streaming"} />
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

function Thinking({ talk }: { talk: Talk }): JSX.Element | null {
  const entries = talk.transcript.entries.value;
  const last = entries[entries.length - 1];
  const isStreaming =
    last?.kind === "message" && last.role === "agent" && last.state.value === "streaming";
  if (!talk.isThinking.value || isStreaming) return null;
  return (
    <div class="thinking" aria-hidden="true">
      <i />
      <i />
      <i />
    </div>
  );
}
