import {
  PREVIEW_PORT,
  PREVIEW_READY,
  type PreviewRequest,
} from "../../protocol/preview-messages.js";
import { logError } from "../log-error.js";
import { PreviewStage } from "./preview-stage.js";

const root = document.getElementById("root");
if (root !== null && parent !== window) {
  keepFocusOutside();
  addEventListener("message", join);
  parent.postMessage(PREVIEW_READY, "*");
}

/** The page that frames this one is the console's, by its policy; what else may reach this window is not heard. */
function join({ data, source, origin, ports: [port] }: MessageEvent): void {
  if (data !== PREVIEW_PORT || source !== parent || origin !== location.origin) return;
  if (port === undefined || root === null) return;
  removeEventListener("message", join);
  const stage = new PreviewStage(root, (state) => port.postMessage({ state }));
  let wanted: PreviewRequest | undefined;
  let isDrawing = false;
  const draw = async (): Promise<void> => {
    if (isDrawing) return;
    isDrawing = true;
    // What came while it was drawn is drawn next, without what was between.
    while (wanted !== undefined) {
      const request: PreviewRequest = wanted;
      wanted = undefined;
      await stage.show(request).catch((error: unknown) => logError("No preview:", error));
    }
    isDrawing = false;
  };
  port.addEventListener("message", ({ data: request }: MessageEvent<PreviewRequest>) => {
    wanted = request;
    void draw();
  });
  port.start();
}

/** What appears in the panel takes the focus; from somebody who types in the console it must not. */
function keepFocusOutside(): void {
  const { focus } = HTMLElement.prototype;
  HTMLElement.prototype.focus = function (options) {
    if (document.hasFocus()) focus.call(this, options);
  };
}
