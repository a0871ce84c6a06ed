/** A text of the gallery's in the language in which it is shown. */
export type Told = (text: string) => string;

/** A value with each text in it told in the language in which it is shown. */
export function inWords<T>(value: T, told: Told): T {
  return changed(value, told) as T;
}

function changed(value: unknown, told: Told): unknown {
  if (typeof value === "string") return told(value);
  if (Array.isArray(value)) return value.map((item) => changed(item, told));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, changed(inner, told)]),
  );
}
