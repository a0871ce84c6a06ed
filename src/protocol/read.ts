/** Small readers for data that came from elsewhere. They never throw: what does not fit reads as absent. */

export type Fields = Record<string, unknown>;
/** Of an object that may have any key: those that have a name. */
export type Known<T> = { readonly [K in keyof T as string extends K ? never : K]: T[K] };

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function readFields(value: unknown): Fields {
  return isFields(value) ? value : {};
}

export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export function readText(value: unknown): string | undefined {
  return typeof value === "string" && value.trim() ? value : undefined;
}

export function readNumber(value: unknown, fallback: number): number {
  return typeof value === "number" ? value : fallback;
}

export function readList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

export function readTexts(value: unknown): string[] {
  return readList(value).filter((item) => typeof item === "string");
}
