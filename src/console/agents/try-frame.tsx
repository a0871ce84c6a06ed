import { useEffect, useRef, type ReactNode, type RefObject } from "react";
import {
  DRAFT_PREVIEW_READY,
  type DraftPreviewHandover,
} from "../../protocol/draft-preview-messages.js";
import { readFields, readNumber, readText } from "../../protocol/read.js";
import { PREVIEW_ORIGIN, PUBLIC_PATH } from "../html-facts.js";
import { useAgentWords } from "./agent-words.js";
import classes from "./try.module.css";
import type { MadeTest } from "./use-try.js";

interface Listeners {
  /** @param conversationId of the talk that has begun */
  onBegan(conversationId: string): void;
  /** @param status of HTTP; 0: the platform was not reached */
  onRefused(status: number): void;
}

/** Links open as a visitor's do: in a tab of their own, which no sandbox reaches. */
const PANELS = "allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox";
/** An origin of its own has voice, and is never the console's. Without one it is nobody's. */
const SANDBOX = PREVIEW_ORIGIN === undefined ? PANELS : `${PANELS} allow-same-origin`;

/** The real panel, which begins by the test's token. Another test is another frame. */
export function TryFrame({
  test,
  onBegan,
  onRefused,
}: Listeners & { readonly test: MadeTest }): ReactNode {
  const { agentTry } = useAgentWords();
  const frame = useRef<HTMLIFrameElement>(null);
  useHandover(frame, test, { onBegan, onRefused });
  return (
    <iframe
      ref={frame}
      title={agentTry.panel}
      src={`${PREVIEW_ORIGIN ?? ""}${PUBLIC_PATH}/public/embed/draft-preview/panel`}
      sandbox={SANDBOX}
      allow={PREVIEW_ORIGIN && "microphone; autoplay"}
      className={classes.frame}
    />
  );
}

/** Hands the token to the page in the frame whenever that says that it is there, and hears what became of it. */
function useHandover(
  frame: RefObject<HTMLIFrameElement | null>,
  { token, widgetConfig, quickActions }: MadeTest,
  listeners: Listeners,
): void {
  const latest = useRef(listeners);
  latest.current = listeners;
  useEffect(() => {
    const hear = ({ data, source, origin }: MessageEvent): void => {
      const page = frame.current?.contentWindow;
      if (!page || source !== page || origin !== (PREVIEW_ORIGIN ?? "null")) return;
      if (data === DRAFT_PREVIEW_READY) {
        const type = "parley_draft_preview";
        const handover: DraftPreviewHandover = { type, token, widgetConfig, quickActions };
        // An origin that is nobody's has no name.
        return page.postMessage(handover, PREVIEW_ORIGIN ?? "*");
      }
      const { type, conversationId, status } = readFields(data);
      const id = readText(conversationId);
      if (type === "parley_draft_preview_began" && id !== undefined) latest.current.onBegan(id);
      if (type === "parley_draft_preview_refused") latest.current.onRefused(readNumber(status, 0));
    };
    addEventListener("message", hear);
    return () => removeEventListener("message", hear);
  }, [frame, token, widgetConfig, quickActions]);
}
