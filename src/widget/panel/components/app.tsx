import type { JSX, RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { PanelConfig } from "../../../protocol/widget-reading.js";
import type { QuickAction } from "../../read-config.js";
import type { FormDefinition } from "../form.js";
import type { PreForm } from "../pre-form.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import { CallElsewhere } from "./call-elsewhere.js";
import { Composer } from "./composer.js";
import { ConsentSheet } from "./consent-sheet.js";
import { Feedback } from "./feedback.js";
import type { FrameControls } from "./frame-controls.js";
import { Form } from "./form.js";
import { Header } from "./header.js";
import { Icon } from "./icon.js";
import { IconButton } from "./icon-button.js";
import { OwnDataDialog } from "./own-data-dialog.js";
import { PastTalksSheet } from "./past-talks-sheet.js";
import { TranscriptView } from "./transcript-view.js";
import { VoiceDock } from "./voice-dock.js";
import { Starters } from "./welcome.js";

export interface AppProps {
  talk: Talk;
  chat: PanelConfig["chat"];
  quickActions: QuickAction[];
  preForm: PreForm;
  hasAiNotice: boolean;
  /** Whether the agent can be spoken to. */
  hasVoice: boolean;
  feedback: { form: FormDefinition; thankYou: string | undefined } | undefined;
  /** Absent when there is none. */
  frame: FrameControls | undefined;
  input: RefObject<HTMLTextAreaElement | null>;
}

export function App(props: AppProps): JSX.Element {
  const { talk, chat, frame, feedback } = props;
  const [isExpanded, setExpanded] = useState(false);
  const expand = (expanded: boolean): void => {
    setExpanded(expanded);
    frame?.expand(expanded);
  };
  // On the window: where nothing has the focus, the body gets the keys.
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && !event.isComposing) frame?.close();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [frame]);
  const hasTalk = talk.transcript.entries.value.length > 0 || talk.call.phase.value !== "off";
  const isEmpty = !hasTalk && talk.phase.value !== "ended";
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => (root.current === null ? undefined : keepFocus(root.current)), []);
  const { needsConsent, needsForm } = talk.gate;
  // Until what the page has kept is here, nobody knows what the visitor has answered.
  const isKnown = !talk.isRestoring.value;
  return (
    // The panel speaks its own languages; answers say for themselves that they may be translated.
    <div class="app" ref={root} translate={false} data-empty={isEmpty}>
      <Header
        talk={talk}
        chat={chat}
        frame={frame && { close: frame.close, isExpanded, isWide: frame.isWide, expand }}
      />
      <NoticeBar talk={talk} />
      <OwnDataDialog data={talk.ownData} />
      {isKnown && needsConsent.value ? (
        <main class="main">
          <ConsentSheet talk={talk} close={frame?.close} />
        </main>
      ) : talk.pastTalks.isOpen.value ? (
        <main class="main">
          <CallElsewhere talk={talk} />
          <VoiceDock talk={talk} />
          <PastTalksSheet talks={talk.pastTalks} />
        </main>
      ) : isKnown && needsForm.value ? (
        <PreFormSheet {...props} />
      ) : (
        <main class="main">
          <CallElsewhere talk={talk} />
          <VoiceDock talk={talk} />
          <TranscriptView talk={talk} chat={chat} hasAiNotice={props.hasAiNotice}>
            <Starters
              talk={talk}
              actions={props.quickActions}
              hasVoice={props.hasVoice}
              isSmall={!isEmpty}
            />
          </TranscriptView>
          {needsConsent.value || needsForm.value ? null : talk.feedback.isOpen.value &&
            feedback !== undefined ? (
            <Feedback talk={talk} form={feedback.form} thankYou={feedback.thankYou} />
          ) : (
            <Foot {...props} />
          )}
        </main>
      )}
    </div>
  );
}

/** A pressed button often goes away with what it was for: the visitor goes on where they write, or at the new heading. */
function keepFocus(root: HTMLElement): () => void {
  let last: EventTarget | null = null;
  const onFocusIn = ({ target }: FocusEvent): void => {
    last = target;
  };
  const observer = new MutationObserver(() => {
    if (!(last instanceof Element) || !document.hasFocus()) return;
    // A card that has its answer takes no other.
    const isOff = last.matches("fieldset:disabled *");
    const { activeElement } = document;
    const isLost = activeElement === document.body || (isOff && activeElement === last);
    if (!isLost || (!isOff && last.isConnected)) return;
    // On touch screens the field would bring the keyboard up.
    const field = matchMedia("(hover: none) and (pointer: coarse)").matches
      ? ".none"
      : ".composer textarea";
    const places = [".sheet [tabindex]", field, "#title"];
    const found = places.map((place) => root.querySelector<HTMLElement>(place));
    found.find((place) => place !== null)?.focus({ preventScroll: true });
  });
  root.addEventListener("focusin", onFocusIn);
  observer.observe(root, { childList: true, subtree: true, attributeFilter: ["disabled"] });
  return () => {
    root.removeEventListener("focusin", onFocusIn);
    observer.disconnect();
  };
}

function Foot({ talk, chat, hasVoice, input }: AppProps): JSX.Element {
  if (talk.phase.value === "ended") {
    return (
      <footer class="foot ended">
        <p>{STRINGS.ended}</p>
        <button type="button" class="button primary" onClick={() => talk.newConversation()}>
          {STRINGS.newConversation}
        </button>
      </footer>
    );
  }
  return (
    <footer class="foot">
      <Composer
        key={talk.person.value}
        talk={talk}
        placeholder={chat.placeholder}
        hasVoice={hasVoice}
        input={input}
      />
    </footer>
  );
}

function NoticeBar({ talk }: { talk: Talk }): JSX.Element | null {
  const notice = talk.notice.value;
  if (notice === undefined) return null;
  return (
    <div class="notice" role="alert" data-kind={notice.kind}>
      <Icon name="alert" />
      <p>
        {notice.text}{" "}
        {notice.action !== undefined && (
          <button type="button" class="link" onClick={notice.action.run}>
            {notice.action.label}
          </button>
        )}
      </p>
      <IconButton icon="close" label={STRINGS.close} onClick={() => talk.dismissNotice()} />
    </div>
  );
}

function PreFormSheet({ talk, chat, preForm }: AppProps): JSX.Element | null {
  const { form } = preForm;
  if (form === undefined) return null;
  return (
    <main class="main">
      <section class="sheet full">
        {chat.welcome_message !== undefined && form.title === undefined && (
          <p class="muted" dir="auto">
            {chat.welcome_message}
          </p>
        )}
        {form.title !== undefined && (
          <h2 dir="auto" tabIndex={-1}>
            {form.title}
          </h2>
        )}
        <Form
          key={talk.person.value}
          form={form}
          initial={preForm.prefilled}
          submitLabel={STRINGS.formStart}
          onSubmit={(values) => talk.submitForm(values)}
        />
      </section>
    </main>
  );
}
