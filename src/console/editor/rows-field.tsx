import { ActionIcon, Button, Group, Input, Paper, Stack, Text } from "@mantine/core";
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import { useEditorWords } from "./editor-words.js";

/**
 * A list that is edited row by row: rows are added, moved and taken away.
 *
 * @param most so many it may have
 * @param name how a row is called to who hears the page
 * @param row its fields; `change` puts another in its place
 */
export function RowsField<T>({
  label,
  help,
  error,
  rows,
  most,
  add,
  name,
  row,
  onChange,
}: {
  readonly label: string;
  readonly help?: string | undefined;
  readonly error?: string | undefined;
  readonly rows: readonly T[];
  readonly most: number;
  readonly add: { readonly label: string; make(): T };
  name(item: T, index: number): string;
  row(item: T, index: number, change: (to: T) => void): ReactNode;
  onChange(rows: readonly T[]): void;
}): ReactNode {
  const move = (index: number, by: number): void => {
    const moved = [...rows];
    moved.splice(index + by, 0, ...moved.splice(index, 1));
    onChange(moved);
  };
  return (
    <Input.Wrapper label={label} description={help} error={error} labelElement="div">
      <Stack gap="sm" mt={6}>
        {rows.map((item, index) => (
          // Rows have no identity of their own, and their fields show what is in the list alone.
          <Paper key={index} withBorder p="sm" radius="md">
            <Stack gap="sm">
              {row(item, index, (to) => onChange(rows.with(index, to)))}
              <RowTools
                name={name(item, index)}
                isFirst={index === 0}
                isLast={index === rows.length - 1}
                onMove={(by) => move(index, by)}
                onRemove={() => onChange(rows.toSpliced(index, 1))}
              />
            </Stack>
          </Paper>
        ))}
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<Plus size={14} aria-hidden />}
            disabled={rows.length >= most}
            onClick={() => onChange([...rows, add.make()])}
          >
            {add.label}
          </Button>
          <Text size="xs" c="dimmed">
            {rows.length} / {most}
          </Text>
        </Group>
      </Stack>
    </Input.Wrapper>
  );
}

function RowTools({
  name,
  isFirst,
  isLast,
  onMove,
  onRemove,
}: {
  readonly name: string;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  onMove(by: number): void;
  onRemove(): void;
}): ReactNode {
  const { say } = useSpeech();
  const { editor } = useEditorWords();
  const tool = (label: string, Icon: typeof Plus, isOff: boolean, run: () => void): ReactNode => (
    <ActionIcon variant="subtle" color="gray" aria-label={label} disabled={isOff} onClick={run}>
      <Icon size={16} aria-hidden />
    </ActionIcon>
  );
  return (
    <Group gap={4} justify="flex-end">
      {tool(say(editor.moveUp, { name }), ArrowUp, isFirst, () => onMove(-1))}
      {tool(say(editor.moveDown, { name }), ArrowDown, isLast, () => onMove(1))}
      {tool(say(editor.remove, { name }), Trash2, false, onRemove)}
    </Group>
  );
}
