import { Stepper } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { Redirect } from "wouter";
import { useSession } from "../session/session.js";
import { PageFrame } from "../shell/page-frame.js";
import { useDraft } from "../use-draft.js";
import { useSpeech } from "../use-speech.js";
import { AgentStep } from "./agent-step.js";
import { LookStep } from "./look-step.js";
import { NOTHING_SAID, type StepProps } from "./new-widget-draft.js";
import { PublishStep } from "./publish-step.js";
import { WebsiteStep } from "./website-step.js";
import classes from "./widgets.module.css";

/** A new widget in four steps; a reload goes on where one was. */
export function NewWidgetPage(): ReactNode {
  const { words } = useSpeech();
  const { membership } = useSession();
  const draft = useDraft(`widget.${membership.organization.id}`, NOTHING_SAID);
  const [doneId, setDoneId] = useState<string>();
  const { step } = draft.value;
  if (doneId !== undefined) return <Redirect to={`/widgets/${doneId}/install`} />;
  const props: StepProps = { draft: draft.value, change: draft.change };
  const publish = (id: string): void => {
    draft.clear();
    setDoneId(id);
  };
  return (
    <PageFrame title={words.newWidget.title} about={words.newWidget.about}>
      <Stepper
        active={step}
        size="sm"
        maw="48rem"
        classNames={{ step: classes.step ?? "", stepBody: classes.stepBody ?? "" }}
        onStepClick={(to) => draft.change({ step: to })}
        allowNextStepsSelect={false}
      >
        <Stepper.Step label={words.newWidget.agentStep}>
          <AgentStep {...props} />
        </Stepper.Step>
        <Stepper.Step label={words.newWidget.websiteStep}>
          <WebsiteStep {...props} />
        </Stepper.Step>
        <Stepper.Step label={words.newWidget.lookStep}>
          <LookStep {...props} />
        </Stepper.Step>
        <Stepper.Step label={words.newWidget.publishStep}>
          <PublishStep {...props} onPublished={publish} />
        </Stepper.Step>
      </Stepper>
    </PageFrame>
  );
}
