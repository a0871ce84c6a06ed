import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import type { PanelConfig } from "../../../protocol/widget-reading.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import { type Entry, type MessageEntry } from "../transcript.js";
import { Announcer } from "./announcer.js";
import { CardView } from "./card.js";
import { Icon } from "./icon.js";
import { MessageView } from "./message.js";
import { Welcome } from "./welcome.js";

/** Closer to the end than this, the view follows new words. */
const FOLLOW_PX = 80;
/** What one side says within this time is one group. */
const GROUP_MS = 5 * 60 * 1000;

export function TranscriptView({
  talk,
  chat,
  children,
  hasAiNotice,
}: {
  talk: Talk;
  chat: PanelConfig["chat"];
  /** What follows the last entry. */
  children: ComponentChildren;
  hasAiNotice: boolean;
}): JSX.Element {
  const scroller = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const isFollowing = useRef(true);
  const lastTop = useRef(0);
  const [isAway, setAway] = useState(false);
  const [hasNew, setNew] = useState(false);
  const entries = talk.transcript.entries.value;
  const lastOwn = entries.filter(
    (entry) => entry.kind === "message" && entry.role === "user",
  ).length;

  const isEmpty = useRef(true);
  isEmpty.current = entries.length === 0;
  const toEnd = (): void => {
    const element = scroller.current;
    // A greeting is read from its beginning.
    if (element === null || isEmpty.current) return;
    element.scrollTop = element.scrollHeight;
    // Its event comes later, perhaps together with that of a visitor who moves up.
    lastTop.current = element.scrollTop;
  };
  // The visitor's own message brings them to the end, wherever they were reading.
  useLayoutEffect(() => {
    isFollowing.current = true;
    toEnd();
  }, [lastOwn]);
  // A window that is made smaller brings nothing new.
  useLayoutEffect(() => {
    if (!isFollowing.current) setNew(true);
  }, [entries.length]);
  const look = (): void => {
    const element = scroller.current;
    if (element === null) return;
    const distance = element.scrollHeight - element.scrollTop - element.clientHeight;
    setAway(!isFollowing.current && distance > FOLLOW_PX);
    if (isFollowing.current) setNew(false);
  };
  useEffect(() => {
    if (content.current === null) return undefined;
    const observer = new ResizeObserver(() => {
      if (isFollowing.current) toEnd();
      look();
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
    look();
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
          {hasAiNotice && <p class="ai-notice">{STRINGS.aiNotice}</p>}
          {entries.map((entry, index) => (
            <EntryView
              key={entry.id}
              entry={entry}
              before={entries[index - 1]}
              talk={talk}
              chat={chat}
            />
          ))}
          <Thinking talk={talk} />
          {children}
        </div>
      </div>
      {isAway && (
        <button type="button" class="jump" data-new={hasNew} onClick={toEnd}>
          <Icon name="down" />
          {hasNew ? STRINGS.jump : <span class="sr-only">{STRINGS.toEnd}</span>}
        </button>
      )}
      <Announcer entries={entries} log={content} />
    </div>
  );
}

function EntryView({
  entry,
  before,
  talk,
  chat,
}: {
  entry: Entry;
  before: Entry | undefined;
  talk: Talk;
  chat: PanelConfig["chat"];
}): JSX.Element {
  switch (entry.kind) {
    case "message":
      return (
        <MessageView
          entry={entry}
          talk={talk}
          chat={chat}
          isFollowUp={isSameGroup(entry, before)}
        />
      );
    case "card":
      return <CardView entry={entry} talk={talk} />;
    case "note":
      return <p class="note">{entry.text}</p>;
  }
}

function isSameGroup(entry: MessageEntry, before: Entry | undefined): boolean {
  if (before?.kind !== "message" || before.role !== entry.role) return false;
  return Math.abs((entry.at ?? 0) - (before.at ?? 0)) < GROUP_MS;
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
