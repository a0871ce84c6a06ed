import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { VideoKind } from "../call.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import { IconButton } from "./icon-button.js";

export const VIDEO_KINDS = ["camera", "screen"] as const satisfies readonly VideoKind[];

export function videoLabel(kind: VideoKind, isOff: boolean): string {
  if (kind === "camera") return isOff ? STRINGS.cameraOn : STRINGS.cameraOff;
  return isOff ? STRINGS.screenOn : STRINGS.screenOff;
}

/** One for each thing that this agent may be shown. */
export function VideoButtons({ talk }: { talk: Talk }): JSX.Element {
  return (
    <>
      {VIDEO_KINDS.filter((kind) => talk.call.vision[kind]).map((kind) => {
        const { value: phase } = talk.call[kind].phase;
        return (
          <IconButton
            key={kind}
            icon={kind}
            label={videoLabel(kind, phase === "off")}
            isOn={phase !== "off"}
            class={`${kind}-button`}
            onClick={() => void talk.toggleVideo(kind)}
          />
        );
      })}
    </>
  );
}

/** What the agent is shown, as the visitor shows it. */
export function Previews({ talk }: { talk: Talk }): JSX.Element | null {
  const shown = VIDEO_KINDS.flatMap((kind) => {
    const { value: track } = talk.call[kind].track;
    return track === undefined ? [] : [{ kind, track }];
  });
  if (shown.length === 0) return null;
  return (
    <div class="previews">
      {shown.map(({ kind, track }) => (
        <Preview key={kind} kind={kind} track={track} />
      ))}
    </div>
  );
}

function Preview({ kind, track }: { kind: VideoKind; track: MediaStreamTrack }): JSX.Element {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (video.current !== null) video.current.srcObject = new MediaStream([track]);
  }, [track]);
  // Of themselves people know their mirror image; what is written in front of the other camera is to be read.
  const isMirrored = kind === "camera" && track.getSettings().facingMode !== "environment";
  return (
    <video
      ref={video}
      class={`preview ${kind} ${isMirrored ? "mirrored" : ""}`}
      aria-label={kind === "camera" ? STRINGS.ownCamera : STRINGS.ownScreen}
      autoplay
      muted
      playsInline
    />
  );
}
