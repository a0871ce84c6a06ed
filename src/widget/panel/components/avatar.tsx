import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { ChatLook } from "../../config.js";
import { STRINGS } from "../strings.js";

export function Avatar({ look, size }: { look: ChatLook; size: "small" | "large" }): JSX.Element {
  const [isBroken, setBroken] = useState(false);
  const isImage = look.avatarUrl !== undefined && !isBroken;
  return (
    <span class={`avatar ${look.avatarShape} ${size}`} aria-hidden="true">
      {isImage ? (
        <img src={look.avatarUrl} alt="" onError={() => setBroken(true)} />
      ) : (
        Array.from((look.title ?? STRINGS.title).trim())[0]?.toUpperCase()
      )}
    </span>
  );
}
