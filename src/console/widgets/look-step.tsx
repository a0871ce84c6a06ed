import { useMutation } from "@apollo/client/react";
import { ColorInput, Input, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { parseColor } from "../../protocol/color.js";
import { UpdateWidgetDocument } from "../generated/operations.js";
import { configOf, type Corner, type StepProps } from "./new-widget-draft.js";
import { useNewWidgetWords } from "./new-widget-words.js";
import { StepForm } from "./step-form.js";

/** As visitors see it. What is written on the colour is made readable on it. */
export function LookStep({ draft, change }: StepProps): ReactNode {
  const { newWidget } = useNewWidgetWords();
  const [updateWidget] = useMutation(UpdateWidgetDocument);
  const isColor = parseColor(draft.color) !== null;
  const save = async (): Promise<void> => {
    const input = { id: draft.widgetId, config: configOf(draft) };
    await updateWidget({ variables: { input } });
    change({ step: 3 });
  };
  return (
    <StepForm
      title={newWidget.lookTitle}
      about={newWidget.lookAbout}
      perform={save}
      onBack={() => change({ step: 1 })}
      isReady={isColor}
    >
      <TextInput
        label={newWidget.heading}
        description={newWidget.headingHelp}
        value={draft.title}
        onChange={({ currentTarget }) => change({ title: currentTarget.value })}
      />
      <Textarea
        label={newWidget.greeting}
        description={newWidget.greetingHelp}
        autosize
        minRows={2}
        value={draft.greeting}
        onChange={({ currentTarget }) => change({ greeting: currentTarget.value })}
      />
      <ColorInput
        label={newWidget.color}
        maw="16rem"
        eyeDropperButtonProps={{ "aria-label": newWidget.pickColor }}
        error={!isColor && newWidget.noColor}
        value={draft.color}
        onChange={(color) => change({ color })}
      />
      <Input.Wrapper label={newWidget.position} labelElement="div">
        <div>
          <SegmentedControl
            aria-label={newWidget.position}
            value={draft.position}
            onChange={(position) => change({ position: position as Corner })}
            data={[
              { value: "bottom-left", label: newWidget.left },
              { value: "bottom-right", label: newWidget.right },
            ]}
          />
        </div>
      </Input.Wrapper>
    </StepForm>
  );
}
