import { isFields, readJson, type Fields } from "../../protocol/read.js";
import type {
  Channel,
  ConversationsQueryVariables,
  ConversationStatus,
  Direction,
} from "../generated/operations.js";

/** How a filter's value is entered. `mark` is there or not. */
type Kind = "choice" | "text" | "count" | "day" | "object" | "id" | "mark";

interface Definition {
  readonly kind: Kind;
  /** Whether it looks at what only some may read. */
  readonly isSensitive?: true;
}

/** Every filter by its name in the address, in the order in which they are offered (contract section 6). */
export const FILTERS = {
  status: { kind: "choice" },
  widget: { kind: "choice" },
  agent: { kind: "choice" },
  version: { kind: "id" },
  channel: { kind: "choice" },
  direction: { kind: "choice" },
  user: { kind: "text" },
  visitor: { kind: "text" },
  from: { kind: "day" },
  until: { kind: "day" },
  longer: { kind: "count" },
  shorter: { kind: "count" },
  moreTurns: { kind: "count" },
  fewerTurns: { kind: "count" },
  feedback: { kind: "mark", isSensitive: true },
  metadata: { kind: "object", isSensitive: true },
} as const satisfies Readonly<Record<string, Definition>>;

export type FilterKey = keyof typeof FILTERS;

/** What each filter that is set has for a value, as the address has it. */
export type ConversationFilters = { readonly [Key in FilterKey]?: string };

export const FILTER_KEYS = Object.keys(FILTERS) as FilterKey[];

export function isSensitive(key: FilterKey): boolean {
  return "isSensitive" in FILTERS[key];
}

/** The fixed choices, by the word of the address. */
export const STATUSES: Readonly<Record<string, ConversationStatus>> = byWord([
  "IN_PROGRESS",
  "COMPLETED",
  "TOKEN_CREATED",
  "CANCELLED",
  "FAILED",
  "TRANSFERRED",
  "UNANSWERED",
  "TRIGGERED",
  "RINGING",
]);
export const CHANNELS: Readonly<Record<string, Channel>> = byWord([
  "WEBRTC",
  "TEXT",
  "TELEPHONE",
  "EMAIL",
]);
export const DIRECTIONS: Readonly<Record<string, Direction>> = byWord(["INBOUND", "OUTBOUND"]);

/** Under it stands what the visitor thought. */
export const FEEDBACK_KEY = "feedback_form";

/** @param search of an address, which anybody may have typed: what makes no sense is no filter. */
export function readConversationFilters(
  search: string,
  mayReadSensitive: boolean,
): ConversationFilters {
  const parameters = new URLSearchParams(search);
  return Object.fromEntries(
    FILTER_KEYS.flatMap((key) => {
      const value = parameters.get(key)?.trim() ?? "";
      const counts = isGoodValue(key, value) && (mayReadSensitive || !isSensitive(key));
      return counts ? [[key, value]] : [];
    }),
  );
}

/** @returns with `?`; empty for none */
export function writeConversationFilters(filters: ConversationFilters): string {
  const parameters = new URLSearchParams(filters as Record<string, string>);
  return parameters.size === 0 ? "" : `?${parameters.toString()}`;
}

export function withFilter(
  filters: ConversationFilters,
  key: FilterKey,
  value: string | undefined,
): ConversationFilters {
  const { [key]: _before, ...others } = filters;
  return value === undefined ? others : { ...others, [key]: value };
}

export function isGoodValue(key: FilterKey, value: string): boolean {
  if (value === "") return false;
  if (key === "status") return value in STATUSES;
  if (key === "channel") return value in CHANNELS;
  if (key === "direction") return value in DIRECTIONS;
  if (key === "widget" || key === "agent") return isId(value);
  const { kind } = FILTERS[key];
  if (kind === "id") return isId(value);
  if (kind === "count") return /^\d{1,9}$/.test(value);
  if (kind === "day") return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(startOf(value));
  if (kind === "object") return readObject(value) !== undefined;
  if (kind === "mark") return value === "yes";
  return value.length <= 255;
}

/** What is asked of the platform. */
export function variablesOf(
  filters: ConversationFilters,
): Omit<ConversationsQueryVariables, "readsSensitive" | "after"> {
  const { metadata, feedback } = filters;
  const contains = {
    ...(metadata === undefined ? {} : readObject(metadata)),
    ...(feedback === undefined ? {} : { [FEEDBACK_KEY]: {} }),
  };
  return {
    status: chosen(filters.status, STATUSES),
    channel: chosen(filters.channel, CHANNELS),
    direction: chosen(filters.direction, DIRECTIONS),
    webWidgetId: filters.widget,
    agentId: filters.agent,
    agentVersionId: filters.version,
    userId: filters.user,
    ofUserId: filters.visitor,
    // Bounds of time do not count themselves; days count as a whole.
    createdAfter: instant(filters.from, (day) => startOf(day) - 1),
    createdBefore: instant(filters.until, (day) => startOf(nextDay(day))),
    durationAbove: count(filters.longer),
    durationBelow: count(filters.shorter),
    userTurnCountAbove: count(filters.moreTurns),
    userTurnCountBelow: count(filters.fewerTurns),
    customMetadata: Object.keys(contains).length === 0 ? undefined : contains,
  };
}

function byWord<T extends string>(literals: readonly T[]): Readonly<Record<string, T>> {
  return Object.fromEntries(literals.map((literal) => [literal.toLowerCase(), literal]));
}

function chosen<T>(word: string | undefined, choices: Readonly<Record<string, T>>): T | undefined {
  return word === undefined ? undefined : choices[word];
}

function count(value: string | undefined): number | undefined {
  return value === undefined ? undefined : Number(value);
}

function instant(day: string | undefined, at: (day: string) => number): string | undefined {
  return day === undefined ? undefined : new Date(at(day)).toISOString();
}

/** Where the person is. */
function startOf(day: string): number {
  return new Date(`${day}T00:00:00`).getTime();
}

function nextDay(day: string): string {
  const noon = new Date(`${day}T12:00:00Z`);
  noon.setUTCDate(noon.getUTCDate() + 1);
  return noon.toISOString().slice(0, "2026-12-31".length);
}

function isId(value: string): boolean {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(value);
}

function readObject(text: string): Fields | undefined {
  const value = readJson(text);
  return isFields(value) ? value : undefined;
}
