/** What may be told to the parent, and under which name it is told. */
export type TargetOrigin = string;

/**
 * The rule of the public documentation. "null" makes postMessage throw in browsers: it stands for "send nothing".
 * The parent's claim is safe to use: a false one is an origin to which the browser delivers nothing.
 */
export function chooseTargetOrigin(
  domains: readonly string[],
  parentOrigin: string | null | undefined,
): TargetOrigin {
  const claimed = parentOrigin ?? "";
  if (domains.length === 0) return isOrigin(claimed) ? claimed : "*";
  return domains.includes(claimed) ? claimed : "null";
}

function isOrigin(value: string): boolean {
  try {
    return /^https?:/.test(value) && new URL(value).origin === value;
  } catch {
    return false;
  }
}
