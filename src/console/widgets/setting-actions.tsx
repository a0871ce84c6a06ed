import { Button, Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import { useWidgetWords } from "./widget-words.js";

/**
 * The end of a form that stands on a page.
 *
 * @param isChanged whether there is something to save or to discard
 * @param isSaved whether to say that it was saved, as long as nothing has changed since
 */
export function SettingActions({
  isChanged,
  isSaved,
  isBusy,
  onDiscard,
}: {
  readonly isChanged: boolean;
  readonly isSaved: boolean;
  readonly isBusy: boolean;
  readonly onDiscard: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const { widgetAccess } = useWidgetWords();
  return (
    <Group justify="flex-end" gap="sm">
      <Text size="sm" c="dimmed" role="status">
        {isSaved && !isChanged ? widgetAccess.saved : ""}
      </Text>
      {isChanged && (
        <Button variant="default" onClick={onDiscard}>
          {widgetAccess.discard}
        </Button>
      )}
      <Button type="submit" loading={isBusy} disabled={!isChanged}>
        {words.common.save}
      </Button>
    </Group>
  );
}
