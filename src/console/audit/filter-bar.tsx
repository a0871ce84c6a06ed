import { Button, CloseButton, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import type { AuditFilters } from "./audit-filters.js";
import { useAuditWords } from "./audit-words.js";

const EMPTY: AuditFilters = { action: "", actor: "", subject: "", from: "", to: "" };

/** What the log is narrowed down to. Words count when they are sent or left, days at once. */
export function FilterBar({
  filters,
  isNarrowed,
  onChange,
}: {
  readonly filters: AuditFilters;
  readonly isNarrowed: boolean;
  readonly onChange: (part: Partial<AuditFilters>) => void;
}): ReactNode {
  const { auditLog } = useAuditWords();
  return (
    <Stack gap="sm" align="flex-start" role="search" aria-label={auditLog.filters}>
      <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm" w="100%">
        <WordFilter
          label={auditLog.action}
          value={filters.action}
          onChange={(action) => onChange({ action })}
        />
        <WordFilter
          label={auditLog.actor}
          value={filters.actor}
          onChange={(actor) => onChange({ actor })}
        />
        <WordFilter
          label={auditLog.subject}
          value={filters.subject}
          onChange={(subject) => onChange({ subject })}
        />
        <TextInput
          type="date"
          label={auditLog.from}
          max={filters.to}
          value={filters.from}
          onChange={({ currentTarget }) => onChange({ from: currentTarget.value })}
        />
        <TextInput
          type="date"
          label={auditLog.to}
          min={filters.from}
          value={filters.to}
          onChange={({ currentTarget }) => onChange({ to: currentTarget.value })}
        />
      </SimpleGrid>
      {isNarrowed && (
        <Button size="xs" variant="default" onClick={() => onChange(EMPTY)}>
          {auditLog.showAll}
        </Button>
      )}
    </Stack>
  );
}

function WordFilter({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const { auditLog } = useAuditWords();
  const [text, setText] = useState(value);
  // It is also set from the entries, and by going back.
  useEffect(() => setText(value), [value]);
  const apply = (): void => {
    if (text.trim() !== value) onChange(text.trim());
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        apply();
      }}
    >
      <TextInput
        label={label}
        value={text}
        onChange={({ currentTarget }) => setText(currentTarget.value)}
        onBlur={apply}
        rightSection={
          value !== "" && (
            <CloseButton
              size="sm"
              aria-label={`${auditLog.clear}: ${label}`}
              onClick={() => onChange("")}
            />
          )
        }
      />
    </form>
  );
}
