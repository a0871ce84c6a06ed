import type { JSX } from "preact";
import { useEffect, useId, useRef, useState } from "preact/hooks";
import type { OwnData } from "../own-data.js";
import { STRINGS } from "../strings.js";

/** Asks before something is done that cannot be undone. */
export function OwnDataDialog({ data }: { data: OwnData }): JSX.Element | null {
  const { value: question } = data.question;
  if (question === undefined) return null;
  return (
    <Dialog
      data={data}
      {...(question === "erase"
        ? { title: STRINGS.eraseTitle, text: STRINGS.eraseText, label: STRINGS.eraseConfirm }
        : {
            title: STRINGS.withdrawTitle,
            text: STRINGS.withdrawText,
            label: STRINGS.withdrawConfirm,
          })}
    />
  );
}

interface DialogProps {
  data: OwnData;
  title: string;
  text: string;
  label: string;
}

function Dialog({ data, title, text, label }: DialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const [state, setState] = useState<"open" | "busy" | "failed">("open");
  const prefix = useId();
  // The browser keeps the focus inside, and gives it back.
  useEffect(() => dialog.current?.showModal(), []);
  const confirm = (): void => {
    setState("busy");
    data.confirm().catch(() => setState("failed"));
  };
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={`${prefix}-title`}
      aria-describedby={`${prefix}-text`}
      onClose={() => {
        data.question.value = undefined;
      }}
      onKeyDown={(event) => {
        // Only the dialog closes, not the panel.
        if (event.key === "Escape") event.stopPropagation();
      }}
    >
      <h2 id={`${prefix}-title`}>{title}</h2>
      <p id={`${prefix}-text`}>{text}</p>
      {state === "failed" && (
        <p class="form-error" role="alert">
          {STRINGS.requestFailed}
        </p>
      )}
      <div class="form-actions">
        <button type="button" class="button quiet" onClick={() => dialog.current?.close()}>
          {STRINGS.cancel}
        </button>
        <button type="button" class="button primary" disabled={state === "busy"} onClick={confirm}>
          {label}
        </button>
      </div>
    </dialog>
  );
}
