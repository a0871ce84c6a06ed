const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const PAYLOAD_FEEDBACK = 206;
const PICTURE_LOSS = 1;
const FULL_INTRA_REQUEST = 4;
const VERSION = 0x80;
/** What we call ourselves in reports: we have no stream of that number. */
const OUR_SSRC = 1;

/** What a packet of RTCP says, as much of it as is acted on here (RFC 3550, 4585, 5104). */
export interface ControlPacket {
  readonly senderReports: readonly SenderReport[];
  /** The streams of which a whole picture is asked for. */
  readonly keyframes: readonly number[];
}

export interface SenderReport {
  readonly ssrc: number;
  /** The middle 32 bits of its time. */
  readonly time: number;
}

export function readControl(packet: Buffer): ControlPacket {
  const senderReports: SenderReport[] = [];
  const keyframes: number[] = [];
  for (const part of partsOf(packet)) {
    const type = part.readUInt8(1);
    const format = part.readUInt8(0) & 0x1f;
    if (type === SENDER_REPORT && part.length >= 28) {
      senderReports.push({ ssrc: part.readUInt32BE(4), time: part.readUInt32BE(10) });
    } else if (type === PAYLOAD_FEEDBACK && format === PICTURE_LOSS && part.length >= 12) {
      keyframes.push(part.readUInt32BE(8));
    } else if (type === PAYLOAD_FEEDBACK && format === FULL_INTRA_REQUEST) {
      for (let at = 12; at + 8 <= part.length; at += 8) keyframes.push(part.readUInt32BE(at));
    }
  }
  return { senderReports, keyframes };
}

/** Asks the sender of a video stream for a whole picture. */
export function pictureLoss(ssrc: number): Buffer {
  const packet = Buffer.alloc(12);
  packet.writeUInt8(VERSION | PICTURE_LOSS, 0);
  packet.writeUInt8(PAYLOAD_FEEDBACK, 1);
  packet.writeUInt16BE(2, 2);
  packet.writeUInt32BE(OUR_SSRC, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

/** Answers a sender's report: all has arrived. On loopback that is as good as true. */
export function receiverReport({ ssrc, time }: SenderReport, sequence: number): Buffer {
  const packet = Buffer.alloc(32);
  packet.writeUInt8(VERSION | 1, 0);
  packet.writeUInt8(RECEIVER_REPORT, 1);
  packet.writeUInt16BE(7, 2);
  packet.writeUInt32BE(OUR_SSRC, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet.writeUInt32BE(sequence, 16);
  packet.writeUInt32BE(time, 24);
  return packet;
}

/** The packets of which a compound one is made, up to the first that is not whole. */
function* partsOf(packet: Buffer): Generator<Buffer> {
  let at = 0;
  while (at + 8 <= packet.length) {
    const end = at + (packet.readUInt16BE(at + 2) + 1) * 4;
    if (end > packet.length) return;
    yield packet.subarray(at, end);
    at = end;
  }
}
