import { Button, Group } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { useSpeech } from "../use-speech.js";

/** A form's `onSubmit`. @param send whose failure the form shows by itself */
export function submitting(send: () => Promise<unknown>): (event: FormEvent) => void {
  return (event) => {
    event.preventDefault();
    send().catch(() => {});
  };
}

/** The end of a form in a dialog. */
export function FormActions({
  action,
  isBusy,
  onCancel,
}: {
  /** What the button says that sends it. */
  readonly action: string;
  readonly isBusy: boolean;
  readonly onCancel: () => void;
}): ReactNode {
  const { words } = useSpeech();
  return (
    <Group justify="flex-end" gap="sm">
      <Button variant="default" onClick={onCancel}>
        {words.common.cancel}
      </Button>
      <Button type="submit" loading={isBusy}>
        {action}
      </Button>
    </Group>
  );
}
