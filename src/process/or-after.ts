/**
 * Aborts with `signal`, or after so long. By hand: `AbortSignal.any` does not hold an
 * `AbortSignal.timeout`, which Node then collects as garbage, and nothing is ever ended by it.
 */
export function orAfter(signal: AbortSignal, milliseconds: number): AbortSignal {
  const patience = new AbortController();
  const end = (): void => patience.abort(new DOMException("It took too long.", "TimeoutError"));
  setTimeout(end, milliseconds).unref();
  return AbortSignal.any([signal, patience.signal]);
}
