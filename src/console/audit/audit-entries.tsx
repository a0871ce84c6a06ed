import { Accordion, Anchor, Code, Group, Stack, Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { AuditLogQuery } from "../generated/operations.js";
import { useSpeech } from "../use-speech.js";
import type { AuditFilters } from "./audit-filters.js";
import { useAuditWords, type AuditWords } from "./audit-words.js";

type Entry = NonNullable<AuditLogQuery["auditLog"]>["nodes"][number];

const VIA: Readonly<Record<Entry["via"], keyof AuditWords>> = {
  CONSOLE: "viaConsole",
  GRAPHQL: "viaGraphql",
  REST: "viaRest",
  COMMAND_LINE: "viaCommandLine",
};

interface Props {
  readonly entries: readonly Entry[];
  readonly onNarrow: (part: Partial<AuditFilters>) => void;
}

/** Each entry is a line that opens into what has changed. */
export function AuditEntries({ entries, onNarrow }: Props): ReactNode {
  const { moment } = useSpeech();
  const { auditLog } = useAuditWords();
  return (
    <Accordion multiple variant="contained" radius="lg" chevronPosition="left">
      {entries.map((entry) => (
        <Accordion.Item key={entry.id} value={entry.id}>
          <Accordion.Control>
            <Group justify="space-between" gap="xs">
              <Group gap="xs">
                <Text size="sm" fw={500}>
                  {actorName(entry, auditLog)}
                </Text>
                <Code>{entry.action}</Code>
              </Group>
              <Text size="sm" c="dimmed" component="time" dateTime={entry.at}>
                {moment(entry.at)}
              </Text>
            </Group>
          </Accordion.Control>
          <Accordion.Panel>
            <Stack gap="sm">
              <Facts entry={entry} onNarrow={onNarrow} />
              <Changes changes={entry.changes} />
            </Stack>
          </Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  );
}

function Facts({
  entry,
  onNarrow,
}: {
  readonly entry: Entry;
  readonly onNarrow: Props["onNarrow"];
}): ReactNode {
  const { auditLog } = useAuditWords();
  const { actor, subject } = entry;
  const filter = (label: string, part: Partial<AuditFilters>): ReactNode => (
    <Anchor component="button" type="button" size="sm" onClick={() => onNarrow(part)}>
      {label}
    </Anchor>
  );
  return (
    <Stack gap={4}>
      <Text size="sm" c="dimmed">
        {auditLog[VIA[entry.via]]}
        {entry.requestId ? ` · ${auditLog.request} ${entry.requestId}` : ""}
      </Text>
      <Group gap="md">
        {filter(auditLog.onlyAction, { action: entry.action })}
        {actor.id && filter(auditLog.onlyActor, { actor: actor.id })}
        {subject.id && filter(auditLog.onlySubject, { subject: subject.id })}
      </Group>
      {subject.id && (
        <Text size="sm">
          {subject.kind} <Code>{subject.id}</Code>
        </Text>
      )}
    </Stack>
  );
}

function Changes({ changes }: { readonly changes: Entry["changes"] }): ReactNode {
  const { auditLog } = useAuditWords();
  if (changes.length === 0) return <Text size="sm">{auditLog.noChanges}</Text>;
  return (
    <Table.ScrollContainer minWidth={480}>
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

function actorName({ actor }: Entry, auditLog: AuditWords): string {
  return (
    actor.name || actor.id || (actor.kind === "COMMAND_LINE" ? auditLog.operator : auditLog.nobody)
  );
}
