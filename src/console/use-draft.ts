import { useCallback, useState } from "react";
import { readKept, writeKept } from "./kept.js";

const PREFIX = "console.draft.";

interface Draft<T extends object> {
  readonly value: T;
  change(part: Partial<T>): void;
  /** Forgets what was entered. */
  clear(): void;
}

/**
 * What somebody enters into a form: a reload of the tab loses nothing of it. Never for secrets.
 *
 * @param name of the form, with the organization where it is of one
 * @param initial what the form begins with
 */
export function useDraft<T extends object>(name: string, initial: T): Draft<T> {
  const [value, setValue] = useState<T>(() => ({ ...initial, ...readDraft<T>(name) }));
  const change = useCallback(
    (part: Partial<T>) => {
      // What a page still had to do when it was left is kept, too.
      writeKept("session", PREFIX + name, JSON.stringify({ ...readDraft<T>(name), ...part }));
      setValue((before) => ({ ...before, ...part }));
    },
    [name],
  );
  const clear = (): void => {
    forgetDraft(name);
    setValue(initial);
  };
  return { value, change, clear };
}

/** Forgets what was entered into a form that is not shown. */
export function forgetDraft(name: string): void {
  writeKept("session", PREFIX + name, undefined);
}

/** What was entered into a form. What an older console kept under this name is taken as far as it goes. */
export function readDraft<T>(name: string): Partial<T> {
  try {
    return JSON.parse(readKept("session", PREFIX + name) ?? "{}") as Partial<T>;
  } catch {
    return {};
  }
}
