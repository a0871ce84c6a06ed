import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import { logError } from "../../log-error.js";
import { STRINGS } from "../strings.js";
import { IconButton } from "./icon-button.js";

const SAID_MS = 2000;

/** Takes a text along, and says that it has. */
export function CopyButton({ text }: { text: () => string }): JSX.Element {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return undefined;
    const timer = setTimeout(() => setDone(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = (): void => {
    copyText(text()).then(
      () => setDone(true),
      (error: unknown) => logError("The text could not be copied:", error),
    );
  };
  return (
    <IconButton
      icon={isDone ? "check" : "copy"}
      label={isDone ? STRINGS.copied : STRINGS.copy}
      class="copy tiny"
      data-done={isDone}
      onClick={copy}
    />
  );
}

/** Frames of other sites may have no clipboard: there the browser's old way still copies what is chosen. */
async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = document.createElement("textarea");
    const focused = document.activeElement;
    field.value = text;
    field.className = "sr-only";
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    if (!isCopied) throw new Error("The browser refused.");
  }
}
