import type { JSX } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { ConsentWords } from "../runtime-api.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import { Markdown } from "./markdown.js";

interface ConsentProps {
  talk: Talk;
  close: (() => void) | undefined;
}

/** Before anything is stored or started: what the visitor agrees to, in words that the platform serves and keeps the proof of. */
export function ConsentSheet(props: ConsentProps): JSX.Element {
  const { talk, close } = props;
  const { value: refusal } = talk.consent.refusal;
  if (refusal !== undefined) {
    const isWithdrawn = refusal === "withdrawn";
    return (
      <section class="sheet full consent">
        <h2 tabIndex={-1}>{isWithdrawn ? STRINGS.consentWithdrawn : STRINGS.consentDeclined}</h2>
        <p>{isWithdrawn ? STRINGS.consentWithdrawnText : STRINGS.consentDeclinedText}</p>
        <div class="form-actions">
          {close !== undefined && (
            <button type="button" class="button quiet" onClick={close}>
              {STRINGS.close}
            </button>
          )}
          <button type="button" class="button primary" onClick={() => talk.consent.forget()}>
            {STRINGS.consentReadAgain}
          </button>
        </div>
      </section>
    );
  }
  return <Question {...props} />;
}

function Question({ talk }: ConsentProps): JSX.Element {
  const [words, setWords] = useState<ConsentWords | "loading" | "failed">("loading");
  const load = (): void => {
    setWords("loading");
    talk.gate.consentWords().then(setWords, () => setWords("failed"));
  };
  useEffect(load, [talk]);
  return (
    <section class="sheet full consent" aria-busy={words === "loading"}>
      <h2 tabIndex={-1}>{STRINGS.consentTitle}</h2>
      {words === "failed" && (
        <p class="form-error" role="alert">
          {STRINGS.loadFailed}{" "}
          <button type="button" class="link" onClick={load}>
            {STRINGS.retry}
          </button>
        </p>
      )}
      {typeof words === "object" && (
        <div class="consent-words" lang={words.language}>
          <Markdown text={words.text} streaming={false} />
        </div>
      )}
      <div class="form-actions">
        <button type="button" class="button equal" onClick={() => talk.gate.decline()}>
          {STRINGS.consentDecline}
        </button>
        <button
          type="button"
          class="button equal"
          disabled={typeof words !== "object"}
          onClick={() => {
            if (typeof words === "object") talk.agree(words);
          }}
        >
          {STRINGS.consentAgree}
        </button>
      </div>
    </section>
  );
}
