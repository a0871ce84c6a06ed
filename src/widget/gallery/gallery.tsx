import { computed } from "@preact/signals";
import { render } from "preact";
import { readFields, readJson } from "../../protocol/read.js";
import { openV1, readQuickActions } from "../read-config.js";
import { App } from "../panel/components/app.js";
import { readFeedback } from "../panel/form.js";
import { readMarkdown } from "../panel/markdown-parser.js";
import { followTheme } from "../panel/theme.js";
import { useLanguage } from "../panel/use-language.js";
import { PSEUDO, pseudoTexts } from "./pseudo.js";
import { Index } from "./index.js";
import { Scene, settled } from "./scene.js";
import { Site, stateOfFrame } from "./site.js";
import { STATES } from "./states.js";
import "../panel/panel.css";

void start();

/** The page of one state, `?state=…&theme=dark&dir=rtl&lang=de&v1={…}`, also as a frame; without a state that of all. */
async function start(): Promise<void> {
  const root = document.getElementById("root");
  if (root === null) return;
  const query = new URLSearchParams(location.search);
  const name = query.get("state") ?? stateOfFrame(location.pathname);
  const state = STATES.find((one) => one.name === name);
  if (state === undefined) {
    render(<Index states={STATES} />, root);
    return;
  }
  const own = openV1({ v1: readJson(query.get("v1") ?? "") });
  const theme = query.get("theme") ?? "light";
  const unread = { ...state.v1, ...own, theme };
  const texts = { ...readFields(own.texts), [PSEUDO]: pseudoTexts() };
  await useLanguage(
    { language: query.get("lang") ?? undefined, texts },
    { language: null, direction: query.get("dir") },
  );
  followTheme(unread);
  if (state.visit !== undefined) {
    await state.visit(new Site(root, theme));
    return tellReady();
  }
  readMarkdown("The parser comes with the first *word*.", { streaming: false });
  await import("../panel/markdown.js");
  if (state.name === "loading") return tellReady();
  const scene = new Scene(unread);
  await scene.talk.begin(undefined);
  await state.play?.(scene);
  const { v1, talk, preForm } = scene;
  const actions = readQuickActions(v1.quick_actions);
  render(
    <App
      talk={talk}
      chat={v1.chat}
      quickActions={actions}
      preForm={preForm}
      hasVoice
      hasAiNotice={v1.ai_notice.enabled}
      feedback={readFeedback(v1.post_conversation_feedback)}
      input={{ current: null }}
      frame={{ close: () => undefined, expand: () => undefined, isWide: computed(() => true) }}
    />,
    root,
  );
  await settled();
  await state.act?.(root, scene);
  await settled();
  await tellReady();
}

async function tellReady(): Promise<void> {
  await document.fonts.ready;
  // A picture of the talk comes when it is in view, and is drawn when it is decoded; one that is broken is never drawn.
  for (const image of document.images) image.loading = "eager";
  await Promise.all([...document.images].map((image) => image.decode().catch(() => undefined)));
  document.documentElement.dataset["ready"] = "true";
}
