import { Code, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useAuditWords } from "./audit-words.js";

/** What one save has changed, path by path. */
export function ChangesTable({
  changes,
}: {
  readonly changes: readonly {
    readonly path: string;
    readonly before?: unknown;
    readonly after?: unknown;
  }[];
}): ReactNode {
  const { auditLog } = useAuditWords();
  if (changes.length === 0) return <Text size="sm">{auditLog.noChanges}</Text>;
  return (
    // Who has no mouse scrolls it by the keys, where it is wider than the page.
    <Table.ScrollContainer
      minWidth={480}
      type="native"
      tabIndex={0}
      role="group"
      aria-label={auditLog.changes}
    >
      <Table withRowBorders layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{auditLog.path}</Table.Th>
            <Table.Th>{auditLog.before}</Table.Th>
            <Table.Th>{auditLog.after}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {changes.map(({ path, before, after }) => (
            <Table.Tr key={path}>
              <Table.Td>
                <Code>{path}</Code>
              </Table.Td>
              <Table.Td>
                <Value tag="del" value={before} />
              </Table.Td>
              <Table.Td>
                <Value tag="ins" value={after} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** @param tag says to whoever hears the page, too, which of the two it is. */
function Value({
  tag: Tag,
  value,
}: {
  readonly tag: "ins" | "del";
  readonly value: unknown;
}): ReactNode {
  if (value === null || value === undefined) return <Text c="dimmed">–</Text>;
  const text = typeof value === "string" ? value : JSON.stringify(value, undefined, 2);
  return (
    <Tag style={{ textDecoration: "none" }}>
      <Code
        block
        color={
          Tag === "ins" ? "var(--mantine-color-green-light)" : "var(--mantine-color-red-light)"
        }
        style={{ whiteSpace: "pre-wrap", overflowWrap: "anywhere" }}
      >
        {text}
      </Code>
    </Tag>
  );
}
