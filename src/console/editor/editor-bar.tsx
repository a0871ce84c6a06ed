import { ActionIcon, Button, Group, Text } from "@mantine/core";
import { Redo2, Undo2 } from "lucide-react";
import type { ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import { useEditorWords } from "./editor-words.js";
import classes from "./editor.module.css";
import type { WidgetEditor } from "./use-widget-editor.js";

/** What is done with the draft as a whole, and how it stands with it. */
export function EditorBar({
  editor,
  onCompare,
  onSave,
  children,
}: {
  readonly editor: WidgetEditor;
  readonly onCompare: () => void;
  readonly onSave: () => void;
  readonly children: ReactNode;
}): ReactNode {
  const { say } = useSpeech();
  const { editor: said } = useEditorWords();
  const { changes, canUndo, canRedo, keeping, isSaving } = editor;
  const hasChanges = changes.length > 0;
  const state = hasChanges ? said[STATES[keeping]] : said.allLive;
  return (
    <div className={classes.bar}>
      <Group justify="space-between" gap="xs">
        <Group gap="xs">
          <ActionIcon
            variant="default"
            size="lg"
            aria-label={said.undo}
            disabled={!canUndo}
            onClick={editor.undo}
          >
            <Undo2 size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="default"
            size="lg"
            aria-label={said.redo}
            disabled={!canRedo}
            onClick={editor.redo}
          >
            <Redo2 size={16} aria-hidden />
          </ActionIcon>
          {children}
        </Group>
        <Group gap="xs">
          {hasChanges && (
            <>
              <Button variant="default" onClick={onCompare}>
                {say(said.changes, { count: changes.length })}
              </Button>
              <Button variant="default" onClick={editor.discard}>
                {said.discard}
              </Button>
            </>
          )}
          <Button onClick={onSave} loading={isSaving} disabled={!hasChanges}>
            {said.save}
          </Button>
        </Group>
      </Group>
      <Text size="xs" c="dimmed" mt={6} role="status">
        {state}
      </Text>
    </div>
  );
}

const STATES = { kept: "draftKept", keeping: "draftKeeping", failed: "draftHere" } as const;
