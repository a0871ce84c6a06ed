import { readFields } from "../../protocol/read.js";
import type { TurnFragment } from "../generated/operations.js";

/** Stages of an answer, in the order in which they come. */
export const STAGES = [
  "transcription",
  "endOfTurn",
  "modelFirstToken",
  "speechFirstSound",
] as const;

export type Stage = (typeof STAGES)[number];

type Latency = NonNullable<TurnFragment["latency"]>;

/** What was said with what came meanwhile; a turn that is told again is completed. Oldest first. */
export function joinTurns(
  read: readonly TurnFragment[],
  told: readonly TurnFragment[],
): TurnFragment[] {
  const byId = new Map([...read, ...told].map((turn) => [turn.id, turn]));
  return [...byId.values()].toSorted((a, b) => a.createdAt.localeCompare(b.createdAt));
}

/** The stages that took part, with what is left of the total. */
export function stagesOf(latency: Latency): { stage: Stage | "rest"; milliseconds: number }[] {
  const stages = STAGES.flatMap((stage) => {
    const milliseconds = latency[stage];
    return milliseconds === null ? [] : [{ stage, milliseconds }];
  });
  const sum = stages.reduce((before, { milliseconds }) => before + milliseconds, 0);
  const rest = (latency.total ?? 0) - sum;
  return rest > 0 ? [...stages, { stage: "rest", milliseconds: rest }] : stages;
}

/** How long an answer took, from end to end. */
export function wholeOf(latency: Latency): number {
  return stagesOf(latency).reduce((sum, { milliseconds }) => sum + milliseconds, 0);
}

/** What a tool call put on the panel. */
export function shownBy(name: string): { kind: "card" | "form"; id: string } | undefined {
  const [, form] = /^show_form_(.+)$/.exec(name) ?? [];
  if (form !== undefined) return { kind: "form", id: form };
  const [, card] = /^show_(.+)_widget$/.exec(name) ?? [];
  return card === undefined ? undefined : { kind: "card", id: card };
}

/** Names with their values as text: what is no text is written as JSON. */
export function entriesOf(value: unknown): [name: string, text: string][] {
  return Object.entries(readFields(value)).map(([name, part]) => [name, textOf(part)]);
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
