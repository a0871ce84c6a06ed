/** The browser's storage, which it may refuse: nothing of the console depends on it. */

type Kind = "local" | "session";

export function readKept(kind: Kind, key: string): string | undefined {
  try {
    return storage(kind).getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

/** @param value undefined takes it away. */
export function writeKept(kind: Kind, key: string, value: string | undefined): void {
  try {
    if (value === undefined) storage(kind).removeItem(key);
    else storage(kind).setItem(key, value);
  } catch {
    // What is not kept is chosen again.
  }
}

function storage(kind: Kind): Storage {
  return kind === "local" ? localStorage : sessionStorage;
}
