import { Accordion, Anchor, Code, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { AuditLogQuery } from "../generated/operations.js";
import { useSpeech } from "../use-speech.js";
import type { AuditFilters } from "./audit-filters.js";
import { actorName } from "./actor-name.js";
import { useAuditWords, type AuditWords } from "./audit-words.js";
import { ChangesTable } from "./changes-table.js";

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
                  {actorName(entry.actor, auditLog)}
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
              <ChangesTable changes={entry.changes} />
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
