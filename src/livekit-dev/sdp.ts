/** What is forwarded: one codec for each kind of media, which every client has. */
export const CODECS = {
  audio: { name: "opus/48000", payloadType: 111, mime: "audio/opus" },
  video: { name: "VP8/90000", payloadType: 96, mime: "video/VP8" },
} as const;

export type MediaKind = keyof typeof CODECS;

/** One `m=` section of a client's session description, as much of it as the server looks at. */
export interface MediaSection {
  readonly mid: string;
  /** Undefined for data, and for what nobody knows. */
  readonly kind: MediaKind | undefined;
  /** The client sends on it what is forwarded here. */
  readonly sending: boolean;
  /** It would receive on it what is forwarded here. */
  readonly receiving: boolean;
  /** The client's own id of the track it sends: its `cid`. */
  readonly trackId: string;
  /** The client's number for the codec that is forwarded; absent where it has not that codec. */
  readonly payloadType: number | undefined;
  /** The streams that it names; clients that would send several layers name none. */
  readonly ssrcs: readonly number[];
  /** The number of the header extension by which packets name their section. */
  readonly midExtension: number | undefined;
  readonly lines: readonly string[];
}

/** What we send on a section of the client's. */
export interface OutgoingSection {
  readonly ssrc: number;
  readonly streamId: string;
  readonly trackId: string;
}

const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)$/;
const MID_EXTENSION = /^a=extmap:(\d+)\S* urn:ietf:params:rtp-hdrext:sdes:mid$/;
/** Of the layer, too: a section of which that was once refused can never be offered in layers. */
const KEPT_EXTENSION = /^a=extmap:.* urn:ietf:params:rtp-hdrext:sdes:(?:mid|rtp-stream-id)$/;
const TRANSPORT = /^(?:c=|a=(?:ice-|fingerprint:|setup:))/;
/** Retransmission and estimates of bandwidth are offered by clients, and not done here. */
const FEEDBACK = / (?:nack pli|ccm fir)$/;

const WIRE_MID = "wire";

/**
 * A client's offer as libdatachannel is shown it: data, and one section for the media of all others.
 * libdatachannel knows streams by their SSRC alone, which a client with several layers does not tell.
 * What has but one section gets every packet.
 */
export function wireOffer(sdp: string): string {
  const [session = "", ...sections] = splitSections(sdp);
  const data = sections.filter((section) => section.startsWith("m=application"));
  const transport = linesOf(sections[0] ?? "").filter((line) => TRANSPORT.test(line));
  const { name, payloadType } = CODECS.audio;
  const wire = [
    `m=audio 9 UDP/TLS/RTP/SAVPF ${payloadType}`,
    ...transport,
    `a=mid:${WIRE_MID}`,
    "a=sendrecv",
    "a=rtcp-mux",
    `a=rtpmap:${payloadType} ${name}/2`,
  ].join("\r\n");
  const mids = data.map((section) => valueOf(linesOf(section), "a=mid:"));
  return joinSections([withGroup(session, [...mids, WIRE_MID]), ...data, wire]);
}

/** The answer for the client, section by section as it offered them, out of libdatachannel's. */
export function wholeAnswer(
  sdp: string,
  offered: readonly MediaSection[],
  outgoing: ReadonlyMap<string, OutgoingSection>,
): string {
  const [session = "", ...sections] = splitSections(sdp);
  const data = sections.find((section) => section.startsWith("m=application"));
  const wire = sections.find((section) => !section.startsWith("m=application")) ?? "";
  const transport = linesOf(wire).filter((line) => TRANSPORT.test(line));
  const mids = offered.filter((section) => !isRemoved(section)).map(({ mid }) => mid);
  const answers = offered.map((section) =>
    isData(section) && data !== undefined
      ? data
      : answerSection(section, transport, outgoing.get(section.mid)),
  );
  return joinSections([withGroup(session, mids), ...answers]);
}

/** The sections of a description, in their order. */
export function mediaSections(sdp: string): MediaSection[] {
  return splitSections(sdp)
    .slice(1)
    .map((section) => {
      const lines = linesOf(section);
      const direction = lines.map((line) => DIRECTION.exec(line)?.[1]).find(Boolean) ?? "sendrecv";
      const kind = kindOf(section);
      const payloadType = kind && numberOf(lines, rtpmapOf(CODECS[kind].name));
      const usable = payloadType !== undefined;
      return {
        mid: valueOf(lines, "a=mid:"),
        kind,
        sending: usable && (direction === "sendrecv" || direction === "sendonly"),
        receiving: usable && (direction === "sendrecv" || direction === "recvonly"),
        trackId: valueOf(lines, "a=msid:").split(" ")[1] ?? "",
        payloadType,
        ssrcs: lines.flatMap((line) => {
          const ssrc = /^a=ssrc:(\d+)/.exec(line)?.[1];
          return ssrc === undefined ? [] : [Number(ssrc)];
        }),
        midExtension: numberOf(lines, MID_EXTENSION),
        lines,
      };
    });
}

/** A description without the addresses in it: they are sent on their own, later. */
export function withoutCandidates(sdp: string): string {
  return sdp.replaceAll(/^a=(?:candidate:.*|end-of-candidates)\r?\n/gm, "");
}

function answerSection(
  section: MediaSection,
  transport: readonly string[],
  sent: OutgoingSection | undefined,
): string {
  const { lines, payloadType } = section;
  const [, , protocol, ...formats] = (lines[0] ?? "").split(" ");
  const kind = lines[0]?.split(" ")[0] ?? "";
  const port = isRemoved(section) ? 0 : 9;
  const codec = lines.filter((line) => {
    const [, attribute, number] = /^a=(rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line) ?? [];
    if (number === undefined || (attribute === "rtcp-fb" && !FEEDBACK.test(line))) return false;
    return payloadType === undefined || Number(number) === payloadType;
  });
  return [
    [kind, port, protocol, ...(payloadType === undefined ? formats : [payloadType])].join(" "),
    ...transport,
    `a=mid:${section.mid}`,
    `a=${directionOf(section.sending, sent !== undefined)}`,
    "a=rtcp-mux",
    ...lines.filter((line) => KEPT_EXTENSION.test(line)),
    ...codec,
    ...(sent === undefined
      ? []
      : [`a=msid:${sent.streamId} ${sent.trackId}`, `a=ssrc:${sent.ssrc} cname:${sent.streamId}`]),
  ].join("\r\n");
}

function directionOf(receives: boolean, sends: boolean): string {
  if (receives) return sends ? "sendrecv" : "recvonly";
  return sends ? "sendonly" : "inactive";
}

/** The client has given the section up for good. */
function isRemoved({ lines }: MediaSection): boolean {
  return /^m=\w+ 0 /.test(lines[0] ?? "") && !lines.includes("a=bundle-only");
}

function isData({ lines }: MediaSection): boolean {
  return lines[0]?.startsWith("m=application") ?? false;
}

function withGroup(session: string, mids: readonly string[]): string {
  const lines = linesOf(session).filter((line) => !line.startsWith("a=group:"));
  return [...lines, `a=group:BUNDLE ${mids.join(" ")}`].join("\r\n");
}

function kindOf(section: string): MediaKind | undefined {
  if (section.startsWith("m=audio")) return "audio";
  return section.startsWith("m=video") ? "video" : undefined;
}

function rtpmapOf(codec: string): RegExp {
  return new RegExp(`^a=rtpmap:(\\d+) ${codec}`, "i");
}

function splitSections(sdp: string): string[] {
  const text = sdp.replaceAll(/\r?\n/g, "\r\n").trimEnd();
  return text.split(/\r\n(?=m=)/);
}

function linesOf(section: string): string[] {
  return section.split("\r\n");
}

function joinSections(sections: readonly string[]): string {
  return `${sections.join("\r\n")}\r\n`;
}

function valueOf(lines: readonly string[], prefix: string): string {
  return lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? "";
}

function numberOf(lines: readonly string[], pattern: RegExp): number | undefined {
  const found = lines.map((line) => pattern.exec(line)?.[1]).find(Boolean);
  return found === undefined ? undefined : Number(found);
}
