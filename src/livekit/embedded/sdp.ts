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
 * Cuts a client's offer down to what the server forwards: Opus audio that the client sends, and
 * data. The answer then promises nothing else, so clients send no video, RED or header extensions.
 */
export function narrowOffer(sdp: string): string {
  const [session = "", ...sections] = splitSections(sdp);
  return [session, ...sections.map(narrowSection)].join("\r\n") + "\r\n";
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

function splitSections(sdp: string): string[] {
  const text = sdp.replaceAll(/\r?\n/g, "\r\n").trimEnd();
  return text.split(/\r\n(?=m=)/);
}

function valueOf(lines: readonly string[], prefix: string): string {
  return lines.find((line) => line.startsWith(prefix))?.slice(prefix.length) ?? "";
}

function narrowSection(section: string): string {
  const lines = section.split("\r\n").filter((line) => !/^a=(extmap|rid|simulcast)/.test(line));
  const kind = /^m=(\w+)/.exec(section)?.[1];
  if (kind === "audio") return narrowAudio(lines).join("\r\n");
  if (kind === "video") return lines.map(toInactive).join("\r\n");
  return lines.join("\r\n");
}

function narrowAudio(lines: readonly string[]): string[] {
  const opus = lines.map((line) => /^a=rtpmap:(\d+) opus\/48000/i.exec(line)?.[1]).find(Boolean);
  const narrowed = lines
    .filter((line) => {
      const payloadType = /^a=(?:rtpmap|fmtp|rtcp-fb):(\d+)/.exec(line)?.[1];
      return payloadType === undefined || payloadType === opus;
    })
    .map((line) => (line === "a=recvonly" ? "a=inactive" : line));
  if (opus === undefined) return narrowed.map(toInactive);
  return narrowed.map((line) =>
    line.startsWith("m=audio") ? `${line.split(" ").slice(0, 3).join(" ")} ${opus}` : line,
  );
}

function toInactive(line: string): string {
  return DIRECTION.test(line) ? "a=inactive" : line;
}
