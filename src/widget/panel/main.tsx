import { signal } from "@preact/signals";
import { render } from "preact";
import { openV1, readPanelConfig, readQuickActions } from "../read-config.js";
import { Backoff } from "../backoff.js";
import { logError } from "../log-error.js";
import { readJson } from "../../protocol/read.js";
import type { PanelConfig } from "../../protocol/widget-reading.js";
import { App } from "./components/app.js";
import { VisitorConsent } from "./visitor-consent.js";
import { Failure } from "./components/failure.js";
import { readFeedback, readForm } from "./form.js";
import { useLanguage, type PageLanguage } from "./use-language.js";
import { readVision } from "./frame-vision.js";
import { draftHandedOver } from "./draft-handover.js";
import { loaderCommands } from "./loader-commands.js";
import { ParentLink } from "./parent-link.js";
import { PreForm } from "./pre-form.js";
import { isRefusal, RuntimeApi, type PublicWidget } from "./runtime-api.js";
import { SessionStore } from "./session-store.js";
import { STRINGS } from "./strings.js";
import { Talk } from "./talk.js";
import { chooseTargetOrigin } from "./target-origin.js";
import { followTheme } from "./theme.js";
import "./panel.css";

void start();

async function start(): Promise<void> {
  const root = document.getElementById("root");
  const [, prefix = "", widgetId] =
    /^(.*)\/public\/embed\/([\w-]+)\/panel/.exec(location.pathname) ?? [];
  if (root === null || widgetId === undefined) {
    logError("The panel's page is not complete.");
    return;
  }
  const query = new URLSearchParams(location.search);
  const page = { language: query.get("lang"), direction: query.get("dir") };
  const from = root.dataset["draft"];
  const draft = from === undefined ? undefined : await draftHandedOver(from);
  if (draft) root.dataset["quickActions"] = JSON.stringify(draft.quickActions);
  const api = new RuntimeApi(widgetId, prefix, draft);
  try {
    const { domains, config } = draft
      ? { domains: [], config: draft.widgetConfig }
      : await fetchWidget(api, root, page);
    const claimed = window.parent === window ? null : query.get("parentOrigin");
    const targetOrigin = chooseTargetOrigin(domains, claimed);
    const unread = openV1(config);
    followTheme(unread);
    // Nobody's talk is begun: there is nothing to agree to, and nobody to give feedback to.
    const asked = draft ? { consent: undefined, post_conversation_feedback: undefined } : {};
    const v1 = readPanelConfig({ ...unread, ...asked });
    await useLanguage(v1, page);
    // Not the website's page: nobody is told anything, and nothing starts.
    if (targetOrigin === "null") render(<Failure text={STRINGS.onlyOnSite} />, root);
    else {
      const vision = query.get("vision");
      const isSandboxed = claimed === "null";
      const isDraft = draft !== undefined;
      run({ root, widgetId, api, v1, targetOrigin, asked: vision, isSandboxed, isDraft });
    }
  } catch (error) {
    await useLanguage({}, page);
    const failure = isRefusal(error)
      ? { text: STRINGS.notLive, retry: () => void start() }
      : { text: STRINGS.loadFailed, retry: () => location.reload() };
    render(<Failure {...failure} />, root);
  }
}

/**
 * The page came, and the server may have gone since: it is asked until it answers.
 * @throws RuntimeError what it refused
 */
async function fetchWidget(
  api: RuntimeApi,
  root: HTMLElement,
  page: PageLanguage,
): Promise<PublicWidget> {
  const backoff = new Backoff();
  for (;;) {
    try {
      return await api.widget();
    } catch (error) {
      if (isRefusal(error)) throw error;
      await useLanguage({}, page);
      render(<Failure text={STRINGS.loadFailed} retry={() => backoff.hurry()} />, root);
      await backoff.wait();
    }
  }
}

function run({
  root,
  widgetId,
  api,
  v1,
  targetOrigin,
  asked,
  isSandboxed,
  isDraft,
}: {
  root: HTMLElement;
  widgetId: string;
  api: RuntimeApi;
  v1: PanelConfig;
  targetOrigin: string;
  /** What the loader says of the frame's policy. */
  asked: string | null;
  isSandboxed: boolean;
  /** Whether the console shows it. */
  isDraft: boolean;
}): void {
  const parent = new ParentLink(targetOrigin, (message) => receive(message), isSandboxed);
  const { vision, isMissing } = readVision(root.dataset["vision"], asked, parent.hasLoader);
  // The frame is loaded once more, and goes on then.
  if (isMissing) return parent.tell({ type: "need_vision", ...vision });
  // Chromium gives no microphone to an origin that is nobody's.
  const hasVoice = root.dataset["voice"] !== "off" && !(isDraft && self.origin === "null");
  const feedback = readFeedback(v1.post_conversation_feedback);
  const preForm = new PreForm(
    widgetId,
    readForm(v1.pre_conversation_form),
    v1.pre_conversation_show_once,
  );
  const consent = new VisitorConsent(widgetId, v1.consent);
  const talk = new Talk({
    api,
    parent,
    preForm,
    consent,
    sessions: new SessionStore(widgetId),
    loadRoom: () => import("./livekit-link.js"),
    feedbackForm: feedback?.form,
    defaultMode: hasVoice ? v1.default_mode : "text",
    startsOnOpen: v1.start_conversation_on_toggle,
    vision,
    // Windows of different releases, or on different websites, know nothing of each other.
    channel:
      parent.hasLoader || window.parent === window
        ? `parley ${widgetId} ${targetOrigin} ${import.meta.url}`
        : undefined,
  });
  const input: { current: HTMLTextAreaElement | null } = { current: null };
  // The console closes its frame by itself.
  const isFramed = window.parent !== window && !isDraft;
  const isWide = signal(false);
  const receive = loaderCommands({ talk, isWide, input });

  document.title = v1.chat.title ?? STRINGS.title;
  render(
    <App
      talk={talk}
      chat={v1.chat}
      quickActions={chooseQuickActions(v1.quick_actions, root)}
      preForm={preForm}
      hasAiNotice={v1.ai_notice.enabled}
      hasVoice={hasVoice}
      feedback={feedback}
      input={input}
      frame={
        isFramed
          ? {
              close: () => parent.tell({ type: "close" }),
              expand: (expanded) => parent.tell({ type: "size", expanded }),
              isWide,
            }
          : undefined
      }
    />,
    root,
  );
  // A page that is kept for the way back is in no call either.
  addEventListener("pagehide", () => {
    talk.call.stop();
    talk.call.close();
  });
  document.addEventListener("visibilitychange", () => talk.unread.look());
  parent.tell({ type: "ready" });
  // Nobody will say when to begin: the page stands alone, or its frame is no loader of ours.
  if (!parent.hasLoader) void talk.begin(undefined).then(() => talk.startByItself());
}

/** A widget without its own gets those of its agent, which the server wrote into the page. */
function chooseQuickActions(own: unknown, root: HTMLElement): ReturnType<typeof readQuickActions> {
  const actions = readQuickActions(own);
  if (actions.length > 0) return actions;
  return readQuickActions(readJson(root.dataset["quickActions"] ?? ""));
}
