/** Storage may be full, blocked, or absent (third-party frames, private windows): none of it is an error here. */
type Area = "localStorage" | "sessionStorage";

export function readStored(area: Area, key: string): string | undefined {
  try {
    return globalThis[area].getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

export function writeStored(area: Area, key: string, value: string): void {
  try {
    globalThis[area].setItem(key, value);
  } catch {
    // The visit goes on without memory.
  }
}

export function removeStored(area: Area, key: string): void {
  try {
    globalThis[area].removeItem(key);
  } catch {
    // Nothing was kept.
  }
}

export function storedKeys(area: Area): string[] {
  try {
    return Object.keys(globalThis[area]);
  } catch {
    return [];
  }
}
