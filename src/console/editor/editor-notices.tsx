import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { refusedFields } from "../api/say-refusal.js";
import classes from "../shell/shell.module.css";
import { Trouble } from "../shell/states.js";
import { useEditorWords } from "./editor-words.js";
import type { WidgetEditor } from "./use-widget-editor.js";

/** Why the last save did not work. */
export function EditorNotices({
  editor,
  onSaveOver,
}: {
  readonly editor: WidgetEditor;
  readonly onSaveOver: () => void;
}): ReactNode {
  const { editor: said } = useEditorWords();
  const { error, isBehind, isSaving } = editor;
  if (error === undefined) return null;
  if (isBehind) {
    return (
      <Alert color="yellow" role="alert" my="sm" classNames={{ message: classes.notice ?? "" }}>
        <Stack gap="sm">
          <Text size="sm" fw={600}>
            {said.behind}
          </Text>
          <Text size="sm">{said.behindHelp}</Text>
          <Group gap="xs">
            <Button size="xs" variant="default" loading={isSaving} onClick={onSaveOver}>
              {said.saveOver}
            </Button>
            <Button size="xs" variant="default" onClick={editor.discard}>
              {said.takeTheirs}
            </Button>
          </Group>
        </Stack>
      </Alert>
    );
  }
  if (refusedFields(error).length === 0) return <Trouble error={error} />;
  return (
    <Alert color="red" role="alert" my="sm" title={said.refused}>
      {said.refusedHelp}
    </Alert>
  );
}
