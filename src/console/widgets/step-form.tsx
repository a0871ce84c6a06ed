import { Button, Group, Paper, Stack, Text, Title } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";
import { Trouble } from "../shell/states.js";
import { useNewWidgetWords } from "./new-widget-words.js";

/**
 * One step: a question, its fields, and the ways on and back.
 *
 * @param perform does what the step is for; what it fails with is shown
 * @param onBack absent in the first step
 */
export function StepForm({
  title,
  about,
  action,
  perform,
  onBack,
  isReady = true,
  children,
}: {
  readonly title: string;
  readonly about: string;
  readonly action?: string;
  readonly perform: () => Promise<void>;
  readonly onBack?: () => void;
  readonly isReady?: boolean;
  readonly children?: ReactNode;
}): ReactNode {
  const { newWidget } = useNewWidgetWords();
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setIsBusy(true);
    setError(undefined);
    await perform().catch(setError);
    setIsBusy(false);
  };
  return (
    <Paper withBorder p="lg" mt="md">
      <form onSubmit={(event) => void submit(event)}>
        <Stack gap="lg">
          <div>
            <Title order={2} size="h4">
              {title}
            </Title>
            <Text c="dimmed" size="sm" mt={4}>
              {about}
            </Text>
          </div>
          {children}
          {error !== undefined && <Trouble error={error} />}
          <Group justify={onBack ? "space-between" : "flex-end"}>
            {onBack && (
              <Button variant="default" onClick={onBack}>
                {newWidget.back}
              </Button>
            )}
            <Button type="submit" loading={isBusy} disabled={!isReady}>
              {action ?? newWidget.next}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
