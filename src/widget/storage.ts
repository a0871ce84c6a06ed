/** Storage may be full, blocked, or absent (third-party frames, private windows): none of it is an error here. */
type Area = "localStorage" | "sessionStorage";

let isKept = true;

/** From now on it is as if there were none. */
export function keepNothing(): void {
  isKept = false;
}

export function readStored(area: Area, key: string): string | undefined {
  try {
    return isKept ? (globalThis[area].getItem(key) ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

export function writeStored(area: Area, key: string, value: string): void {
  try {
    if (isKept) globalThis[area].setItem(key, value);
  } catch {
    // The visit goes on without memory.
  }
}

export function removeStored(area: Area, key: string): void {
  try {
    if (isKept) globalThis[area].removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

export function storedKeys(area: Area): string[] {
  try {
    return isKept ? Object.keys(globalThis[area]) : [];
  } catch {
    return [];
  }
}
