import type { Scope } from "../generated/operations.js";
import type { Words } from "../words/console-words.js";

/** How each scope is called. */
const NAMES: Readonly<Record<Scope, keyof Words["scopes"]>> = {
  WEB_WIDGETS_READ: "webWidgetsRead",
  WEB_WIDGETS_MANAGE: "webWidgetsManage",
  AGENTS_READ: "agentsRead",
  AGENTS_MANAGE: "agentsManage",
  CONVERSATIONS_READ: "conversationsRead",
  CONVERSATIONS_READ_SENSITIVE: "conversationsReadSensitive",
  CONVERSATIONS_MANAGE: "conversationsManage",
  ORGANIZATIONS_MANAGE: "organizationsManage",
};

/** Every scope, in the order in which they are offered. */
export const OFFERED_SCOPES = Object.keys(NAMES) as Scope[];

export function scopeWord(scope: Scope, words: Words): string {
  return words.scopes[NAMES[scope]];
}
