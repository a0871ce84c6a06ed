/**
 * How loud an error is that no promise's owner has taken. The framework leaves the promises of what it cancels to
 * themselves, at each interruption: those say nothing.
 */
export function loudnessOf(error: unknown): "debug" | "error" {
  return error instanceof Error && error.name === "AbortError" ? "debug" : "error";
}
