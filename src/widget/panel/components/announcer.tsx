import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { PAST, type Entry } from "../transcript.js";
import { announceCard } from "./card.js";

/** So many of the latest entries are looked at. */
const LATEST = 4;
/** Long enough for a screen reader to have taken it. */
const STAYS_MS = 10_000;

interface AnnouncerProps {
  entries: readonly Entry[];
  /** Where they are drawn. */
  log: RefObject<HTMLElement | null>;
}

/**
 * Where screen readers listen: notes, the agent's whole messages and its cards, each once, also one that says the same
 * again; no words of earlier visits. Words alone, and gone after a while: whoever reads on meets no second copy, and no
 * link that nobody sees.
 */
export function Announcer({ entries, log }: AnnouncerProps): JSX.Element {
  const whole = entries.slice(-LATEST).filter(isWhole);
  const [said, setSaid] = useState<readonly { id: string; text: string }[]>([]);
  const known = useRef(new Set(whole.map(({ id }) => id)));
  useEffect(() => {
    const fresh = whole.filter(({ id }) => !known.current.has(id));
    if (fresh.length === 0) return;
    for (const { id } of fresh) known.current.add(id);
    const words = fresh.map((entry) => ({ id: entry.id, text: wordsOf(entry, log.current) }));
    setSaid((before) => [...before, ...words]);
  });
  useEffect(() => {
    if (said.length === 0) return undefined;
    const timer = setTimeout(() => setSaid([]), STAYS_MS);
    return () => clearTimeout(timer);
  }, [said]);
  // Whoever left takes along what was said to them.
  const shown = said.filter(({ id }) => entries.some((entry) => entry.id === id));
  return (
    <div class="sr-only" aria-live="polite">
      {shown.map(({ id, text }) => (
        <p key={id}>{text}</p>
      ))}
    </div>
  );
}

function isWhole(entry: Entry): boolean {
  if (entry.kind !== "message") return true;
  if (entry.role === "user" || entry.id.startsWith(PAST)) return false;
  return entry.state.value === "done" || entry.state.value === "cut";
}

/** Of a message as it is drawn: without the signs of its Markdown. */
function wordsOf(entry: Entry, log: HTMLElement | null): string {
  if (entry.kind === "card") return announceCard(entry.show);
  if (entry.kind === "note") return entry.text;
  const drawn = log?.querySelector<HTMLElement>(`[data-entry="${CSS.escape(entry.id)}"] .prose`);
  return drawn?.innerText ?? entry.text.value;
}
