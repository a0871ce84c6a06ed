const NAME = "return_to";

/** The part of an address that remembers where somebody was going. @param location below the console */
export function returnToParameter(location: string): string {
  return location === "/" ? "" : `?${new URLSearchParams({ [NAME]: location }).toString()}`;
}

/**
 * Where somebody was going before they had to sign in, below the console: whatever a link says, nobody is sent to
 * another site.
 */
export function returnTo(search: string): string {
  const wanted = new URLSearchParams(search).get(NAME) ?? "/";
  // Browsers take a backslash for a slash, and two of them for another host.
  return /^\/(?![/\\])[^\\\s]*$/.test(wanted) ? wanted : "/";
}
