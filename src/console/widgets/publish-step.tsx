import { useMutation } from "@apollo/client/react";
import { Alert } from "@mantine/core";
import type { ReactNode } from "react";
import { UpdateWidgetDocument } from "../generated/operations.js";
import classes from "../shell/shell.module.css";
import { useSpeech } from "../use-speech.js";
import { domainsOf, type StepProps } from "./new-widget-draft.js";
import { useNewWidgetWords } from "./new-widget-words.js";
import { StepForm } from "./step-form.js";

/** Opens the doors. @param onPublished is given the widget's id */
export function PublishStep({
  draft,
  change,
  onPublished,
}: StepProps & { readonly onPublished: (id: string) => void }): ReactNode {
  const { words, say } = useSpeech();
  const { newWidget } = useNewWidgetWords();
  const [updateWidget] = useMutation(UpdateWidgetDocument);
  const domains = domainsOf(draft);
  const publish = async (): Promise<void> => {
    await updateWidget({ variables: { input: { id: draft.widgetId, published: true } } });
    onPublished(draft.widgetId);
  };
  return (
    <StepForm
      title={newWidget.publishTitle}
      about={
        domains.length > 0
          ? say(newWidget.publishAbout, { websites: domains.join(", ") })
          : newWidget.publishAnywhere
      }
      action={newWidget.publish}
      perform={publish}
      onBack={() => change({ step: 2 })}
    >
      {domains.length === 0 && (
        <Alert color="yellow" className={classes.notice}>
          {words.readiness.anyDomain}
        </Alert>
      )}
    </StepForm>
  );
}
