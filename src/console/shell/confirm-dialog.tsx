import { Button, Group, Stack, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import { Dialog } from "./dialog.js";
import { Trouble } from "./states.js";

/** What somebody is asked before it is done for good. */
export interface Question {
  readonly title: string;
  readonly text: string;
  /** What the button says. */
  readonly action: string;
  /** Does it. What it fails with is shown. */
  readonly perform: () => Promise<unknown>;
  /** Why it was refused, where the page can say it better than the error. */
  readonly refusal?: (error: unknown) => string | undefined;
}

/** @param question undefined: closed */
export function ConfirmDialog({
  question,
  onClose,
}: {
  readonly question: Question | undefined;
  readonly onClose: () => void;
}): ReactNode {
  return (
    <Dialog title={question?.title} onClose={onClose}>
      {question && <Asked question={question} onClose={onClose} />}
    </Dialog>
  );
}

function Asked({
  question,
  onClose,
}: {
  readonly question: Question;
  readonly onClose: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const perform = async (): Promise<void> => {
    setIsBusy(true);
    setError(undefined);
    try {
      await question.perform();
      onClose();
    } catch (reason) {
      setError(reason);
      setIsBusy(false);
    }
  };
  return (
    <Stack gap="lg">
      <Text>{question.text}</Text>
      {error !== undefined && <Trouble error={error} text={question.refusal?.(error)} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose} data-autofocus>
          {words.common.cancel}
        </Button>
        <Button color="red" loading={isBusy} onClick={() => void perform()}>
          {question.action}
        </Button>
      </Group>
    </Stack>
  );
}
