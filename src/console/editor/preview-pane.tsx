import { Group, NativeSelect, SegmentedControl, Stack } from "@mantine/core";
import { useEffect, useRef, useState, type ReactNode, type RefObject } from "react";
import { LANGUAGES } from "../../protocol/languages.js";
import {
  PREVIEW_PORT,
  PREVIEW_READY,
  PREVIEW_STATES,
  type PreviewRequest,
  type PreviewState,
  type PreviewTurn,
} from "../../protocol/preview-messages.js";
import { PUBLIC_PATH } from "../html-facts.js";
import type { EditorWord } from "./editor-word.js";
import { useEditorWords } from "./editor-words.js";
import classes from "./editor.module.css";

const STATE_WORDS: Readonly<Record<PreviewState, EditorWord>> = {
  closed: "stateClosed",
  empty: "stateEmpty",
  consent: "stateConsent",
  "pre-form": "statePreForm",
  connecting: "stateConnecting",
  greeted: "stateGreeted",
  thinking: "stateThinking",
  transcript: "stateTranscript",
  cards: "stateCards",
  form: "stateForm",
  "voice-listening": "stateListening",
  "voice-speaking": "stateSpeaking",
  "no-microphone": "stateNoMicrophone",
  reconnecting: "stateReconnecting",
  "not-sent": "stateNotSent",
  ended: "stateEnded",
  feedback: "stateFeedback",
  thanks: "stateThanks",
  "past-talks": "statePastTalks",
};
const TAGS = ["en", ...Object.keys(LANGUAGES)].filter((tag) => tag !== "zh-hans");

/** The panel as visitors would see it, in a frame that nothing of the console can be reached from. */
export function PreviewPane({ v1 }: { readonly v1: unknown }): ReactNode {
  const { editor } = useEditorWords();
  const [state, setState] = useState<PreviewState>("empty");
  const [theme, setTheme] = useState<PreviewRequest["theme"]>("light");
  const [device, setDevice] = useState<"desktop" | "phone">("desktop");
  const [language, setLanguage] = useState("");
  const isPhone = device === "phone";
  const request: PreviewRequest = { v1, state, theme, language: language || undefined, isPhone };
  const frame = usePreview(request, setState);
  return (
    <Stack gap="sm" component="section" aria-label={editor.preview}>
      <Group gap="xs" grow>
        <NativeSelect
          aria-label={editor.previewState}
          value={state}
          onChange={({ currentTarget }) => setState(currentTarget.value as PreviewState)}
          data={PREVIEW_STATES.map((value) => ({ value, label: editor[STATE_WORDS[value]] }))}
        />
        <NativeSelect
          aria-label={editor.previewLanguage}
          value={language}
          onChange={({ currentTarget }) => setLanguage(currentTarget.value)}
          data={[
            { value: "", label: editor.asVisitor },
            ...TAGS.map((value) => ({ value, label: nameOf(value) })),
          ]}
        />
      </Group>
      <Group gap="xs" grow>
        <SegmentedControl
          aria-label={editor.previewTheme}
          size="xs"
          value={theme}
          onChange={(to) => setTheme(to as PreviewRequest["theme"])}
          data={[
            { value: "light", label: editor.light },
            { value: "dark", label: editor.dark },
          ]}
        />
        <SegmentedControl
          aria-label={editor.previewDevice}
          size="xs"
          value={device}
          onChange={(to) => setDevice(to as "desktop" | "phone")}
          data={[
            { value: "desktop", label: editor.desktop },
            { value: "phone", label: editor.phone },
          ]}
        />
      </Group>
      <iframe
        ref={frame}
        title={editor.preview}
        src={`${PUBLIC_PATH}/console/preview`}
        sandbox="allow-scripts"
        className={classes.frame}
        data-device={device}
      />
    </Stack>
  );
}

/** Joins the page in a frame by a port, and tells it each request. @param onTurn is told which state follows a click there. */
function usePreview(
  request: PreviewRequest,
  onTurn: (state: PreviewState) => void,
): RefObject<HTMLIFrameElement | null> {
  const frame = useRef<HTMLIFrameElement>(null);
  const [port, setPort] = useState<MessagePort>();
  useEffect(() => {
    const join = ({ data, source }: MessageEvent): void => {
      const window = frame.current?.contentWindow;
      if (data !== PREVIEW_READY || !window || source !== window) return;
      const { port1, port2 } = new MessageChannel();
      port1.addEventListener("message", ({ data: turn }: MessageEvent<PreviewTurn>) => {
        if (PREVIEW_STATES.includes(turn.state)) onTurn(turn.state);
      });
      port1.start();
      // Its origin is opaque, so that none can be named; what frames it, it knows by its policy.
      window.postMessage(PREVIEW_PORT, "*", [port2]);
      setPort(port1);
    };
    addEventListener("message", join);
    return () => removeEventListener("message", join);
  }, [onTurn]);
  useEffect(() => () => port?.close(), [port]);
  const text = JSON.stringify(request);
  useEffect(() => port?.postMessage(JSON.parse(text)), [port, text]);
  return frame;
}

/** As the language calls itself. */
function nameOf(tag: string): string {
  return new Intl.DisplayNames([tag], { type: "language" }).of(tag) ?? tag;
}
