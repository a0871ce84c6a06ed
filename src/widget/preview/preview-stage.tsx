import { computed } from "@preact/signals";
import { render } from "preact";
import type { PreviewRequest, PreviewState } from "../../protocol/preview-messages.js";
import type { UnreadConfig } from "../../protocol/widget-reading.js";
import { readFields, readText } from "../../protocol/read.js";
import type { Told } from "../gallery/in-words.js";
import { Scene, settled } from "../gallery/scene.js";
import { Site } from "../gallery/site.js";
import { App } from "../panel/components/app.js";
import { readFeedback } from "../panel/form.js";
import { followTheme } from "../panel/theme.js";
import { useLanguage } from "../panel/use-language.js";
import { readQuickActions } from "../read-config.js";
import { previewScene } from "./preview-scenes.js";
import { sampleWords } from "./sample-words.js";

/** What a visitor does to a launcher. Here it opens nothing by itself. */
const INTENTS = ["pointerover", "pointerdown", "touchstart", "focusin", "keydown", "click"];

/** Where one state at a time is shown, with the config that somebody edits. */
export class PreviewStage {
  readonly #root: HTMLElement;
  readonly #turn: (state: PreviewState) => void;
  #theme = new AbortController();
  #isClosed = false;
  #scene: Scene | undefined;
  #site: Site | undefined;
  /** What is shown; of a panel, its colours aside. */
  #shown = "";

  /** @param turn is told which state follows when the visitor opens or closes the panel. */
  constructor(root: HTMLElement, turn: (state: PreviewState) => void) {
    this.#root = root;
    this.#turn = turn;
    const hold = (event: Event): void => {
      if (!this.#isClosed) return;
      event.stopImmediatePropagation();
      if (event.type === "click") turn("empty");
    };
    for (const intent of INTENTS) addEventListener(intent, hold, { capture: true });
  }

  async show({ v1: unread, state, theme, language, isPhone }: PreviewRequest): Promise<void> {
    const v1: UnreadConfig = { ...readFields(unread), theme };
    this.#theme.abort();
    this.#theme = new AbortController();
    followTheme(v1, this.#theme.signal);
    const isClosed = state === "closed";
    const drawn = isClosed ? v1 : withoutColours(v1);
    const shown = JSON.stringify([drawn, state, language, isPhone]);
    if (shown === this.#shown) return;
    await useLanguage(
      { language: language ?? readText(v1.language), texts: readFields(v1.texts) },
      { language: null, direction: null },
    );
    if (isClosed) await this.#close(v1, theme);
    else {
      const told = sampleWords(document.documentElement.lang);
      await this.#open(previewScene(state, v1, told), told, isPhone);
    }
    this.#shown = shown;
  }

  async #close(v1: UnreadConfig, theme: string): Promise<void> {
    this.#clear();
    this.#isClosed = true;
    this.#site = new Site(this.#root, theme);
    this.#root.classList.add(theme);
    await this.#site.add("closed", v1);
  }

  async #open(
    { state, v1: unread }: ReturnType<typeof previewScene>,
    told: Told,
    isPhone: boolean,
  ): Promise<void> {
    const scene = new Scene(unread, told);
    await scene.talk.begin(undefined);
    await state.play?.(scene);
    this.#clear();
    this.#scene = scene;
    const { v1, talk, preForm } = scene;
    render(
      <App
        talk={talk}
        chat={v1.chat}
        quickActions={readQuickActions(v1.quick_actions)}
        preForm={preForm}
        hasVoice
        hasAiNotice={v1.ai_notice.enabled}
        feedback={readFeedback(v1.post_conversation_feedback)}
        input={{ current: null }}
        frame={{
          close: () => this.#turn("closed"),
          expand: () => undefined,
          isWide: computed(() => !isPhone),
        }}
      />,
      this.#root,
    );
    await settled();
    await state.act?.(this.#root, scene);
  }

  #clear(): void {
    this.#isClosed = false;
    this.#shown = "";
    this.#scene?.talk.end();
    this.#scene = undefined;
    this.#site?.remove();
    this.#site = undefined;
    render(null, this.#root);
  }
}

/** Colours are painted without drawing the panel anew, which would close what somebody opened in it. */
function withoutColours({ chat, theme: _theme, trigger: _trigger, ...v1 }: UnreadConfig): object {
  const { light_mode: _light, dark_mode: _dark, ...words } = readFields(chat);
  return { ...v1, chat: words };
}
