/** One `m=` section of a session description, as much of it as the server looks at. */
export interface MediaSection {
  readonly mid: string;
  readonly kind: string;
  /** The client sends on it. */
  readonly sending: boolean;
  /** It would receive on it. */
  readonly receiving: boolean;
  /** The client's own id of the track it sends: its `cid`. */
  readonly trackId: string;
  /** Absent where it has no Opus. */
  readonly opusPayloadType: number | undefined;
}

/** What we send on a section of the client's. */
export interface OutgoingSection {
  readonly ssrc: number;
  readonly streamId: string;
  readonly trackId: string;
}

/** How audio is shown to libdatachannel, which keeps the direction that a section began with for good. */
export type ShownDirection = "sendonly" | "sendrecv";

const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)$/;

/**
 * Cuts a client's offer down to what the server forwards: Opus audio, and data. Audio is always
 * shown as being sent; `directAnswer` sets the true direction.
 */
export function narrowOffer(sdp: string, shown: ShownDirection): string {
  const [session = "", ...sections] = splitSections(sdp);
  return joinSections([session, ...sections.map((section) => narrowSection(section, shown))]);
}

/** Gives every section of an answer the direction that fits the client's own offer and what we send. */
export function directAnswer(
  sdp: string,
  offered: readonly MediaSection[],
  outgoing: ReadonlyMap<string, OutgoingSection>,
): string {
  const [session = "", ...sections] = splitSections(sdp);
  const directed = sections.map((section, index) => {
    const offer = offered[index];
    if (offer === undefined || offer.kind === "application") return section;
    const receives = offer.kind === "audio" && offer.sending;
    const sent = outgoing.get(offer.mid);
    const lines = withDirection(section.split("\r\n"), directionOf(receives, sent !== undefined));
    if (sent === undefined) return lines.join("\r\n");
    const { ssrc, streamId, trackId } = sent;
    const own = lines.filter((line) => !/^a=(msid|ssrc)/.test(line));
    const named = [`a=msid:${streamId} ${trackId}`, `a=ssrc:${ssrc} cname:${streamId}`];
    return [...own, ...named].join("\r\n");
  });
  return joinSections([session, ...directed]);
}

function directionOf(receives: boolean, sends: boolean): string {
  if (receives) return sends ? "sendrecv" : "recvonly";
  return sends ? "sendonly" : "inactive";
}

/** The media sections of a description, in their order. */
export function mediaSections(sdp: string): MediaSection[] {
  return splitSections(sdp)
    .slice(1)
    .map((section) => {
      const lines = section.split("\r\n");
      const direction = lines.map((line) => DIRECTION.exec(line)?.[1]).find(Boolean) ?? "sendrecv";
      return {
        mid: valueOf(lines, "a=mid:"),
        kind: /^m=(\w+)/.exec(section)?.[1] ?? "",
        sending: direction === "sendrecv" || direction === "sendonly",
        receiving: direction === "sendrecv" || direction === "recvonly",
        trackId: valueOf(lines, "a=msid:").split(" ")[1] ?? "",
        opusPayloadType: opusOf(lines),
      };
    });
}

/** A description without the addresses in it: they are sent on their own, later. */
export function withoutCandidates(sdp: string): string {
  return sdp.replaceAll(/^a=(?:candidate:.*|end-of-candidates)\r?\n/gm, "");
}

function splitSections(sdp: string): string[] {
  const text = sdp.replaceAll(/\r?\n/g, "\r\n").trimEnd();
  return text.split(/\r\n(?=m=)/);
}

function joinSections(sections: readonly string[]): string {
  return `${sections.join("\r\n")}\r\n`;
}

function valueOf(lines: readonly string[], prefix: string): string {
  return lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? "";
}

function opusOf(lines: readonly string[]): number | undefined {
  const found = lines.map((line) => /^a=rtpmap:(\d+) opus\/48000/i.exec(line)?.[1]).find(Boolean);
  return found === undefined ? undefined : Number(found);
}

function narrowSection(section: string, shown: ShownDirection): string {
  const lines = section.split("\r\n").filter((line) => !/^a=(extmap|rid|simulcast)/.test(line));
  const kind = /^m=(\w+)/.exec(section)?.[1];
  if (kind === "audio") return narrowAudio(lines, shown).join("\r\n");
  if (kind === "video") return withDirection(lines, "inactive").join("\r\n");
  return lines.join("\r\n");
}

function narrowAudio(lines: readonly string[], shown: ShownDirection): string[] {
  const opus = opusOf(lines);
  if (opus === undefined) return withDirection(lines, "inactive");
  const narrowed = lines.filter((line) => {
    const payloadType = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line)?.[1];
    return payloadType === undefined || Number(payloadType) === opus;
  });
  return withDirection(narrowed, shown).map((line) =>
    line.startsWith("m=audio") ? `${line.split(" ").slice(0, 3).join(" ")} ${opus}` : line,
  );
}

function withDirection(lines: readonly string[], direction: string): string[] {
  return lines.map((line) => (DIRECTION.test(line) ? `a=${direction}` : line));
}
