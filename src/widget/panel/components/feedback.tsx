import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { FormDefinition, FormValues } from "../form.js";
import { STRINGS } from "../strings.js";
import type { Talk } from "../talk.js";
import { Form } from "./form.js";
import { Icon } from "./icon.js";

interface FeedbackProps {
  talk: Talk;
  form: FormDefinition;
  thankYou: string | undefined;
}

export function Feedback({ talk, form, thankYou }: FeedbackProps): JSX.Element {
  const [state, setState] = useState<"open" | "sending" | "sent" | "failed">("open");
  const send = async (values: FormValues): Promise<void> => {
    setState("sending");
    try {
      await talk.feedback.send(values);
      setState("sent");
    } catch {
      setState("failed");
    }
  };
  if (state === "sent") {
    return (
      <section class="sheet thanks" role="status">
        <span class="tick">
          <Icon name="check" />
        </span>
        <p dir="auto" tabIndex={-1}>
          {thankYou ?? STRINGS.feedbackThanks}
        </p>
        <button type="button" class="button primary" onClick={() => talk.feedback.close()}>
          {STRINGS.close}
        </button>
      </section>
    );
  }
  return (
    <section class="sheet">
      <h2 dir="auto" tabIndex={-1}>
        {form.title ?? STRINGS.feedbackTitle}
      </h2>
      <Form
        form={form}
        submitLabel={STRINGS.send}
        isBusy={state === "sending"}
        error={state === "failed" ? STRINGS.feedbackFailed : undefined}
        onSubmit={(values) => void send(values)}
        dismiss={{ label: STRINGS.feedbackSkip, run: () => talk.feedback.close() }}
      />
    </section>
  );
}
