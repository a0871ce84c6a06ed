import {
  DRAFT_PREVIEW_READY,
  type DraftPreviewHandover,
  type DraftPreviewNews,
} from "../../protocol/draft-preview-messages.js";
import { keepNothing } from "../storage.js";
import { readFields, readText } from "../../protocol/read.js";

/** What the console handed over, and the way back to it. */
export interface HandedDraft extends DraftPreviewHandover {
  tell(news: DraftPreviewNews): void;
}

/**
 * In the frame in which the console shows a draft: says that the page is there, and waits for what it is to show. A page
 * of another origin than the console's is not heard. Nothing is kept from one draft to the next.
 *
 * @param consoleOrigin as the page says; an empty text: its own
 */
export function draftHandedOver(consoleOrigin: string): Promise<HandedDraft> {
  keepNothing();
  // The frame may have no origin of its own; its address still has the platform's.
  const heard = consoleOrigin === "" ? location.origin : consoleOrigin;
  return new Promise((resolve) => {
    const hear = ({ data, source, origin }: MessageEvent): void => {
      if (source !== window.parent || origin !== heard) return;
      const { type, token, widgetConfig, quickActions } = readFields(data);
      const text = readText(token);
      if (type !== "parley_draft_preview" || text === undefined) return;
      window.removeEventListener("message", hear);
      const tell = (news: DraftPreviewNews): void => window.parent.postMessage(news, origin);
      resolve({ type, token: text, widgetConfig, quickActions, tell });
    };
    window.addEventListener("message", hear);
    window.parent.postMessage(DRAFT_PREVIEW_READY, "*");
  });
}
