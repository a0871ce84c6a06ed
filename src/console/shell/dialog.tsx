import { getDefaultZIndex, Modal } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import { useEscape } from "./use-escape.js";

/**
 * What stands over the page until it is dealt with. What it said is read until it has gone.
 *
 * @param title undefined: closed
 * @param isOnTop whether it may be asked over another one
 * @param isHeld whether a click beside it does not close it: what is shown only once would be gone
 */
export function Dialog({
  title,
  isHeld = false,
  isOnTop = false,
  size = "md",
  onClose,
  children,
}: {
  readonly title: string | undefined;
  readonly isHeld?: boolean;
  readonly isOnTop?: boolean;
  readonly size?: "md" | "xl";
  readonly onClose: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const { words } = useSpeech();
  const isOpen = title !== undefined;
  const [shown, setShown] = useState({ title, children });
  useEffect(() => {
    if (title !== undefined) setShown({ title, children });
  }, [title, children]);
  useEscape(isOpen, onClose);
  const { title: heading, children: content } = isOpen ? { title, children } : shown;
  return (
    <Modal
      opened={isOpen}
      onClose={onClose}
      size={size}
      closeOnClickOutside={!isHeld}
      closeOnEscape={false}
      zIndex={getDefaultZIndex(isOnTop ? "popover" : "modal")}
      title={heading}
      closeButtonProps={{ "aria-label": words.common.close }}
    >
      {content}
    </Modal>
  );
}
