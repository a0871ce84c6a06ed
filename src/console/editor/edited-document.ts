import type { Fields } from "../../protocol/read.js";

/** What the editor edits of a widget. */
export interface EditedDocument {
  readonly agentId: string;
  readonly agentVersionId: string;
  readonly config: Fields;
}

/** A document, and what it was and was again. */
export interface EditHistory {
  readonly document: EditedDocument;
  readonly past: readonly EditedDocument[];
  readonly future: readonly EditedDocument[];
  /** The last change: what is typed into one field at one go is undone at one go. */
  readonly last: { readonly place: string; readonly atMs: number } | undefined;
}

const MOST_STEPS = 100;
const ONE_GO_MS = 1000;

export function beginHistory(document: EditedDocument): EditHistory {
  return { document, past: [], future: [], last: undefined };
}

/** @param place what was changed @param atMs since 1970 */
export function withEdit(
  history: EditHistory,
  document: EditedDocument,
  place: string,
  atMs: number,
): EditHistory {
  const { last } = history;
  const isSameGo = last?.place === place && atMs - last.atMs < ONE_GO_MS;
  const past = isSameGo ? history.past : [...history.past, history.document].slice(-MOST_STEPS);
  return { document, past, future: [], last: { place, atMs } };
}

export function undone(history: EditHistory): EditHistory {
  const document = history.past.at(-1);
  if (document === undefined) return history;
  return {
    document,
    past: history.past.slice(0, -1),
    future: [history.document, ...history.future],
    last: undefined,
  };
}

export function redone(history: EditHistory): EditHistory {
  const [document, ...future] = history.future;
  if (document === undefined) return history;
  return { document, past: [...history.past, history.document], future, last: undefined };
}
