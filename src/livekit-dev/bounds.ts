/** What the real server allows by default, in bytes unless the name says otherwise. */
const MAX_METADATA_BYTES = 512 * 1024;
const MAX_NAME_BYTES = 256;

/** Our own bounds on one message. */
export const MAX_HTTP_BODY_BYTES = 2 * 1024 * 1024;
export const MAX_SIGNAL_MESSAGE_BYTES = 2 * 1024 * 1024;

/** True when metadata and attributes together stay within the real server's bounds. */
export function fitsMetadata(
  metadata: string,
  attributes: Readonly<Record<string, string>>,
): boolean {
  if (Buffer.byteLength(metadata) > MAX_METADATA_BYTES) return false;
  let size = 0;
  for (const [key, value] of Object.entries(attributes)) {
    size += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  return size <= MAX_METADATA_BYTES;
}

/** True when a room name or an identity is no longer than the real server takes. */
export function fitsName(name: string): boolean {
  return Buffer.byteLength(name) <= MAX_NAME_BYTES;
}
