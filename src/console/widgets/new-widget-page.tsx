import { Stepper } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { Redirect } from "wouter";
import { useSession } from "../session/session.js";
import { PageFrame } from "../shell/page-frame.js";
import { useDraft } from "../use-draft.js";
import { AgentStep } from "./agent-step.js";
import { GiveUp } from "./give-up.js";
import { LookStep } from "./look-step.js";
import { newWidgetDraft, NOTHING_SAID, type StepProps } from "./new-widget-draft.js";
import { useNewWidgetWords } from "./new-widget-words.js";
import { PublishStep } from "./publish-step.js";
import { WebsiteStep } from "./website-step.js";
import classes from "./widgets.module.css";

/** A new widget in four steps; a reload goes on where one was. */
export function NewWidgetPage(): ReactNode {
  const { newWidget } = useNewWidgetWords();
  const { membership } = useSession();
  const draft = useDraft(newWidgetDraft(membership.organization.id), NOTHING_SAID);
  const [doneId, setDoneId] = useState<string>();
  const { step } = draft.value;
  if (doneId !== undefined) return <Redirect to={`/widgets/${doneId}/install`} />;
  const props: StepProps = { draft: draft.value, change: draft.change };
  const publish = (id: string): void => {
    draft.clear();
    setDoneId(id);
  };
  return (
    <PageFrame
      title={newWidget.title}
      about={newWidget.about}
      action={step > 0 && <GiveUp widgetId={draft.value.widgetId} onGivenUp={draft.clear} />}
    >
      <Stepper
        active={step}
        size="sm"
        maw="48rem"
        classNames={{ step: classes.step ?? "", stepBody: classes.stepBody ?? "" }}
        onStepClick={(to) => draft.change({ step: to })}
        allowNextStepsSelect={false}
      >
        <Stepper.Step label={newWidget.agentStep}>
          <AgentStep {...props} />
        </Stepper.Step>
        <Stepper.Step label={newWidget.websiteStep}>
          <WebsiteStep {...props} />
        </Stepper.Step>
        <Stepper.Step label={newWidget.lookStep}>
          <LookStep {...props} />
        </Stepper.Step>
        <Stepper.Step label={newWidget.publishStep}>
          <PublishStep {...props} onPublished={publish} />
        </Stepper.Step>
      </Stepper>
    </PageFrame>
  );
}
