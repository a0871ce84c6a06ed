const FIXED_HEADER_BYTES = 12;
const EXTENSION_BIT = 0x10;
const ONE_BYTE_FORM = 0xbede;

/** RTCP shares the port with RTP; its packet types lie where no RTP payload type does. */
export function isRtp(packet: Buffer): boolean {
  if (packet.length < FIXED_HEADER_BYTES || packet.readUInt8(0) >> 6 !== 2) return false;
  const type = payloadTypeOf(packet);
  return type < 64 || type > 95;
}

export function ssrcOf(packet: Buffer): number {
  return packet.readUInt32BE(8);
}

export function payloadTypeOf(packet: Buffer): number {
  return packet.readUInt8(1) & 0x7f;
}

export function sequenceOf(packet: Buffer): number {
  return packet.readUInt16BE(2);
}

/** The text of a header extension in its one-byte form (RFC 8285); undefined where the packet has none. */
export function extensionText(packet: Buffer, id: number): string | undefined {
  const start = headerEnd(packet);
  const bytes = extensionBytes(packet, start);
  const end = start + bytes;
  if (bytes === 0 || end > packet.length || packet.readUInt16BE(start) !== ONE_BYTE_FORM) {
    return undefined;
  }
  let at = start + 4;
  while (at < end) {
    const head = packet.readUInt8(at);
    const length = head === 0 ? 0 : (head & 0x0f) + 1;
    if (head >> 4 === id) return packet.toString("latin1", at + 1, Math.min(at + 1 + length, end));
    at += 1 + length;
  }
  return undefined;
}

/**
 * Rewrites the packets of one published track for one subscriber: its own SSRC and payload type,
 * no header extensions, and sequence numbers without a hole where packets were held back. A hole
 * of more than 32,768 would make the subscriber's SRTP reject everything after it.
 */
export class RtpRewriter {
  readonly #as: { readonly ssrc: number; readonly payloadType: number };
  #offset = 0;
  #lastSequence = -1;
  #resume = false;

  /** @param as asked for each packet: the payload type is the subscriber's, who may still have to say it. */
  constructor(as: { readonly ssrc: number; readonly payloadType: number }) {
    this.#as = as;
  }

  /** Packets were held back: the next one follows directly on the last one sent. */
  skipped(): void {
    this.#resume = true;
  }

  rewrite(packet: Buffer): Buffer {
    const headerBytes = headerEnd(packet);
    const bodyStart = headerBytes + extensionBytes(packet, headerBytes);
    const output = Buffer.allocUnsafe(headerBytes + packet.length - bodyStart);
    packet.copy(output, 0, 0, headerBytes);
    packet.copy(output, headerBytes, bodyStart);
    output.writeUInt8(output.readUInt8(0) & ~EXTENSION_BIT, 0);
    output.writeUInt8((output.readUInt8(1) & 0x80) | this.#as.payloadType, 1);
    output.writeUInt16BE(this.#sequence(sequenceOf(packet)), 2);
    output.writeUInt32BE(this.#as.ssrc, 8);
    return output;
  }

  #sequence(incoming: number): number {
    if (this.#resume && this.#lastSequence >= 0) {
      this.#offset = (this.#lastSequence + 1 - incoming) & 0xffff;
    }
    this.#resume = false;
    const sequence = (incoming + this.#offset) & 0xffff;
    // A packet that arrives late must not take the count back.
    if (this.#lastSequence < 0 || ((sequence - this.#lastSequence) & 0xffff) < 0x8000) {
      this.#lastSequence = sequence;
    }
    return sequence;
  }
}

function headerEnd(packet: Buffer): number {
  return FIXED_HEADER_BYTES + (packet.readUInt8(0) & 0x0f) * 4;
}

function extensionBytes(packet: Buffer, headerBytes: number): number {
  if ((packet.readUInt8(0) & EXTENSION_BIT) === 0 || packet.length < headerBytes + 4) return 0;
  return 4 + packet.readUInt16BE(headerBytes + 2) * 4;
}
