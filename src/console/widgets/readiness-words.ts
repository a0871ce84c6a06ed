import type { WidgetsQuery } from "../generated/operations.js";
import type { Words } from "../words/console-words.js";

export type Readiness = NonNullable<
  NonNullable<WidgetsQuery["widgets"]>["nodes"][number]["readiness"]
>;

/** What a widget's own reasons are called; those of its agent's version stand with the agent. */
const WORDS: Readonly<Record<string, keyof Words["readiness"]>> = {
  VERSION_NOT_PUBLISHED: "versionNotPublished",
  STRICT_WITHOUT_DOMAINS: "strictWithoutDomains",
  IDENTITY_WITHOUT_SECRET: "identityWithoutSecret",
  ANY_DOMAIN: "anyDomain",
  AGENT_INACTIVE: "agentInactive",
  AGENT_DOWN: "agentDown",
};

export interface Reason {
  readonly code: string;
  readonly words: string;
  /** Whether it keeps visitors out. */
  readonly blocks: boolean;
}

/** What the owner should know, what keeps visitors out first. That a widget is not published is its state. */
export function reasonsOf(
  { blockers, warnings }: Readiness,
  { readiness }: Pick<Words, "readiness">,
): Reason[] {
  const said = (items: Readiness["blockers"], blocks: boolean): Reason[] =>
    items.flatMap(({ code }) => {
      const key = WORDS[code];
      return key === undefined ? [] : [{ code, blocks, words: String(readiness[key]) }];
    });
  return [...said(blockers, true), ...said(warnings, false)];
}
