/** Bytes of the value as JSON in UTF-8, as it is sent and stored. */
export function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? "").length;
}
