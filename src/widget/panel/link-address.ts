/** Only these can be followed from a message or a card; anything else is shown as plain text. */
const SCHEMES = new Set(["https:", "http:", "mailto:", "tel:"]);

export function safeLink(address: string): string | undefined {
  const text = address.trim();
  // Browsers drop control characters inside a scheme ("java\nscript:"): such an address is not a link.
  if (/[\p{Cc}\s]/u.test(text)) return undefined;
  try {
    const url = new URL(text);
    if (!SCHEMES.has(url.protocol)) return undefined;
    // A name before the host makes one site's address look like another's.
    return url.username === "" && url.password === "" ? url.href : undefined;
  } catch {
    return undefined;
  }
}
