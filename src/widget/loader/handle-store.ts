import { readStored, removeStored, writeStored } from "../storage.js";

/** What the page keeps for a panel whose own storage is blocked: a handle, and nothing that says anything (contract section 8). */
export interface HandleStore {
  isKept(): boolean;
  /** For one exchange. Until the panel says that there was an answer, every page brings the same attempt. */
  take(): { handle: string; attempt: string } | undefined;
  /** @param handle empty: nothing is kept any more */
  keep(handle: string): void;
}

export function createHandleStore(widgetId: string): HandleStore {
  const key = `parley-handle-${widgetId}`;
  return {
    isKept: () => readStored("localStorage", key) !== undefined,
    take() {
      const [handle, attempt = randomText()] = readStored("localStorage", key)?.split(" ") ?? [];
      if (!handle) return undefined;
      writeStored("localStorage", key, `${handle} ${attempt}`);
      return { handle, attempt };
    },
    keep(handle) {
      if (handle) writeStored("localStorage", key, handle);
      else removeStored("localStorage", key);
    },
  };
}

function randomText(): string {
  return crypto.getRandomValues(new Uint32Array(4)).join("-");
}
