import type { JSX } from "preact";
import { useState } from "preact/hooks";
import { initialOf } from "../../../protocol/cut-text.js";
import type { PanelConfig } from "../../../protocol/widget-reading.js";
import { STRINGS } from "../strings.js";

export function Avatar({
  chat,
  size,
}: {
  chat: PanelConfig["chat"];
  size: "tiny" | "small" | "large";
}): JSX.Element {
  const [isBroken, setBroken] = useState(false);
  const isImage = chat.avatar_url !== undefined && !isBroken;
  return (
    <span class={`avatar ${chat.avatar_shape} ${size}`} aria-hidden="true">
      {isImage ? (
        <img src={chat.avatar_url} alt="" onError={() => setBroken(true)} />
      ) : (
        initialOf(chat.title ?? STRINGS.title)
      )}
    </span>
  );
}
