import { useEffect, useRef } from "react";

/** What stands over the page, the topmost last. */
const layers: object[] = [];

/**
 * Closes what stands over the page by the Escape key, the topmost alone: each of Mantine's dialogs hears the key for
 * itself, so that all of them would close at once.
 *
 * @param onClose for the topmost; a list that is open in it is closed in its place
 */
export function useEscape(isOpen: boolean, onClose: () => void): void {
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    if (!isOpen) return;
    const layer = {};
    layers.push(layer);
    // Those below were opened earlier and so hear it earlier, while they are not the topmost yet.
    const listen = (event: KeyboardEvent): void => {
      if (event.key !== "Escape" || event.isComposing || layers.at(-1) !== layer) return;
      if (event.target instanceof Element && isListOpenAt(event.target)) return;
      close.current();
    };
    addEventListener("keydown", listen, { capture: true });
    return () => {
      removeEventListener("keydown", listen, { capture: true });
      layers.splice(layers.indexOf(layer), 1);
    };
  }, [isOpen]);
}

/** Mantine's mark of a field whose list takes the key. */
function isListOpenAt(target: Element): boolean {
  return target.getAttribute("data-mantine-stop-propagation") === "true";
}
