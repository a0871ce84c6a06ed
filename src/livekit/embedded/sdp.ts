/** One `m=` section of a session description, as much of it as the server looks at. */
export interface MediaSection {
  readonly mid: string;
  readonly kind: string;
  /** The client sends on it. */
  readonly sending: boolean;
  /** The client's own id of the track it sends: its `cid`. */
  readonly trackId: string;
}

const DIRECTION = /^a=(sendrecv|sendonly|recvonly|inactive)$/;

/**
 * Cuts a client's offer down to what the server forwards: Opus audio, and data. Audio is always
 * shown to libdatachannel as being sent, for it keeps the direction a section began with for good;
 * `directAnswer` sets the true one.
 */
export function narrowOffer(sdp: string): string {
  const [session = "", ...sections] = splitSections(sdp);
  return joinSections([session, ...sections.map(narrowSection)]);
}

/** Gives every section of an answer the direction that fits the client's own offer. */
export function directAnswer(sdp: string, offered: readonly MediaSection[]): string {
  const [session = "", ...sections] = splitSections(sdp);
  const directed = sections.map((section, index) => {
    const offer = offered[index];
    if (offer === undefined || offer.kind === "application") return section;
    const receives = offer.kind === "audio" && offer.sending;
    return withDirection(section.split("\r\n"), receives ? "recvonly" : "inactive").join("\r\n");
  });
  return joinSections([session, ...directed]);
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
        trackId: valueOf(lines, "a=msid:").split(" ")[1] ?? "",
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

function narrowSection(section: string): string {
  const lines = section.split("\r\n").filter((line) => !/^a=(extmap|rid|simulcast)/.test(line));
  const kind = /^m=(\w+)/.exec(section)?.[1];
  if (kind === "audio") return narrowAudio(lines).join("\r\n");
  if (kind === "video") return withDirection(lines, "inactive").join("\r\n");
  return lines.join("\r\n");
}

function narrowAudio(lines: readonly string[]): string[] {
  const opus = lines.map((line) => /^a=rtpmap:(\d+) opus\/48000/i.exec(line)?.[1]).find(Boolean);
  if (opus === undefined) return withDirection(lines, "inactive");
  const narrowed = lines.filter((line) => {
    const payloadType = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line)?.[1];
    return payloadType === undefined || payloadType === opus;
  });
  return withDirection(narrowed, "sendonly").map((line) =>
    line.startsWith("m=audio") ? `${line.split(" ").slice(0, 3).join(" ")} ${opus}` : line,
  );
}

function withDirection(lines: readonly string[], direction: string): string[] {
  return lines.map((line) => (DIRECTION.test(line) ? `a=${direction}` : line));
}
