import { Alert, Button, Code, CopyButton, Group, Stack } from "@mantine/core";
import { Check, Copy } from "lucide-react";
import type { ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import classes from "./shell.module.css";

/** What the server tells only once, to be copied: a key, a link. */
export function ShownOnce({
  label,
  value,
  onClose,
}: {
  readonly label: string;
  readonly value: string;
  readonly onClose: () => void;
}): ReactNode {
  const { words } = useSpeech();
  return (
    <Stack gap="lg">
      <Alert color="yellow" role="status" className={classes.notice}>
        {words.common.shownOnce}
      </Alert>
      <Code block aria-label={label} className={classes.secret}>
        {value}
      </Code>
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose}>
          {words.common.close}
        </Button>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button
              onClick={copy}
              data-autofocus
              leftSection={copied ? <Check size={16} /> : <Copy size={16} />}
            >
              {copied ? words.common.copied : words.common.copy}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Stack>
  );
}
