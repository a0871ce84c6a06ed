import type { Channel, ConversationStatus, Direction } from "../generated/operations.js";
import type { Words } from "../words/console-words.js";
import type { FilterKey } from "./conversation-filters.js";

/** How the literals of conversations are said. */

const STATUS: Readonly<Record<ConversationStatus, keyof Words["statuses"]>> = {
  CANCELLED: "cancelled",
  COMPLETED: "completed",
  FAILED: "failed",
  IN_PROGRESS: "inProgress",
  RINGING: "ringing",
  TOKEN_CREATED: "tokenCreated",
  TRANSFERRED: "transferred",
  TRIGGERED: "triggered",
  UNANSWERED: "unanswered",
};

const CHANNEL: Readonly<Record<Channel, keyof Words["channels"]>> = {
  EMAIL: "mail",
  TELEPHONE: "telephone",
  TEXT: "written",
  WEBRTC: "webrtc",
};

const DIRECTION: Readonly<Record<Direction, keyof Words["channels"]>> = {
  INBOUND: "inbound",
  OUTBOUND: "outbound",
};

/** What a filter is called. */
const FILTER: Readonly<Record<FilterKey, keyof Words["filters"]>> = {
  status: "status",
  widget: "widget",
  agent: "agent",
  version: "version",
  channel: "channel",
  direction: "direction",
  user: "user",
  visitor: "visitor",
  from: "from",
  until: "until",
  longer: "longer",
  shorter: "shorter",
  moreTurns: "moreTurns",
  fewerTurns: "fewerTurns",
  feedback: "feedback",
  metadata: "metadata",
};

export function statusWord(status: ConversationStatus, { statuses }: Words): string {
  return statuses[STATUS[status]];
}

export function channelWord(channel: Channel, { channels }: Words): string {
  return channels[CHANNEL[channel]];
}

export function directionWord(direction: Direction, { channels }: Words): string {
  return channels[DIRECTION[direction]];
}

export function filterWord(key: FilterKey, { filters }: Words): string {
  return filters[FILTER[key]];
}

/** @param seconds as `12:05`, or `1:02:05` */
export function clock(seconds: number): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const [hours, minutes, rest] = [
    Math.floor(seconds / 3600),
    Math.floor((seconds % 3600) / 60),
    Math.floor(seconds % 60),
  ];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
