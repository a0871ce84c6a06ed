import { Code, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Dialog } from "../shell/dialog.js";
import type { Difference } from "./config-paths.js";
import { FIELDS, PALETTE_FIELDS, type FieldRow } from "./editor-fields.js";
import { useEditorWords, type EditorWords } from "./editor-words.js";

/** What the draft makes different from what visitors see. */
export function ChangesDialog({
  changes,
  isOpen,
  onClose,
}: {
  readonly changes: readonly Difference[];
  readonly isOpen: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { editor } = useEditorWords();
  return (
    <Dialog title={isOpen ? editor.changesTitle : undefined} onClose={onClose}>
      <Stack gap="lg">
        {changes.length === 0 && <Text size="sm">{editor.noChanges}</Text>}
        {changes.map(({ path, before, after }) => (
          <Stack key={path} gap={6} component="section">
            <Text size="sm" fw={500}>
              {labelOf(path, editor)}
            </Text>
            <Value tag="del" name={editor.before} value={before} />
            <Value tag="ins" name={editor.after} value={after} />
          </Stack>
        ))}
      </Stack>
    </Dialog>
  );
}

function Value({
  tag: Tag,
  name,
  value,
}: {
  readonly tag: "ins" | "del";
  readonly name: string;
  readonly value: unknown;
}): ReactNode {
  const text = typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
  return (
    <div>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Tag style={{ textDecoration: "none" }}>
        <Code
          block
          color={`var(--mantine-color-${Tag === "ins" ? "green" : "red"}-light)`}
          style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
        >
          {text ?? "–"}
        </Code>
      </Tag>
    </div>
  );
}

/** What the field of a path is called; the path where none is. @param path of the document: `config.v1.chat.title` */
function labelOf(path: string, editor: EditorWords): string {
  const key = path.replace(/^config\.v1\./, "");
  if (path === "agentId") return editor.agent;
  if (path === "agentVersionId") return editor.version;
  const [, mode, inPalette] = /^chat\.(light|dark)_mode\.(.+)$/.exec(key) ?? [];
  const ofMode = PALETTE_FIELDS.find((row) => row.path === inPalette);
  if (ofMode)
    return `${mode === "light" ? editor.lightMode : editor.darkMode}: ${editor[ofMode.label]}`;
  const rows: readonly FieldRow[] = Object.values(FIELDS).flat();
  const row = rows.find((one) => one.path === key);
  return row ? editor[row.label] : key;
}
