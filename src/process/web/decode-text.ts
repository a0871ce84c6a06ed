/**
 * Decodes a page: byte order mark, then the `Content-Type` charset, then what the page's first
 * 1,024 bytes declare, then UTF-8. A declaration that is unknown or plainly wrong is passed over;
 * what nothing fits is read as windows-1252, which never fails.
 */
export function decodeText(body: Buffer, contentType: string): string {
  const candidates = [
    byteOrderMark(body),
    /charset\s*=\s*"?([^\s;"]+)/i.exec(contentType)?.[1],
    declaredCharset(body),
    "utf-8",
  ];
  for (const label of candidates) {
    const text = label === undefined ? undefined : decodeStrictly(body, label);
    if (text !== undefined) return text;
  }
  return new TextDecoder("windows-1252").decode(body);
}

function byteOrderMark(body: Buffer): string | undefined {
  const [first, second, third] = body;
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xfe && second === 0xff) return "utf-16be";
  return first === 0xff && second === 0xfe ? "utf-16le" : undefined;
}

function declaredCharset(body: Buffer): string | undefined {
  const start = body.subarray(0, 1024).toString("latin1");
  const label = /<meta[^>]*?charset\s*=\s*["']?\s*([^\s"'/>;]+)/i.exec(start)?.[1];
  // A declaration that could be read as ASCII is not UTF-16, whatever it says.
  return label !== undefined && /^utf-?16/i.test(label) ? "utf-8" : label;
}

function decodeStrictly(body: Buffer, label: string): string | undefined {
  try {
    // Streaming forgives a character that the size limit cut in two.
    return new TextDecoder(label, { fatal: true }).decode(body, { stream: true });
  } catch {
    return undefined;
  }
}
