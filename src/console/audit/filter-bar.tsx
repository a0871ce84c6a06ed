import { Button, CloseButton, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import type { AuditFilters } from "./audit-filters.js";

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
  const { words } = useSpeech();
  return (
    <Stack gap="sm" align="flex-start" role="search" aria-label={words.audit.filters}>
      <SimpleGrid cols={{ base: 2, md: 5 }} spacing="sm" w="100%">
        <WordFilter
          label={words.audit.action}
          value={filters.action}
          onChange={(action) => onChange({ action })}
        />
        <WordFilter
          label={words.audit.actor}
          value={filters.actor}
          onChange={(actor) => onChange({ actor })}
        />
        <WordFilter
          label={words.audit.subject}
          value={filters.subject}
          onChange={(subject) => onChange({ subject })}
        />
        <TextInput
          type="date"
          label={words.audit.from}
          max={filters.to}
          value={filters.from}
          onChange={({ currentTarget }) => onChange({ from: currentTarget.value })}
        />
        <TextInput
          type="date"
          label={words.audit.to}
          min={filters.from}
          value={filters.to}
          onChange={({ currentTarget }) => onChange({ to: currentTarget.value })}
        />
      </SimpleGrid>
      {isNarrowed && (
        <Button size="xs" variant="default" onClick={() => onChange(EMPTY)}>
          {words.audit.showAll}
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
  const { words } = useSpeech();
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
              aria-label={`${words.audit.clear}: ${label}`}
              onClick={() => onChange("")}
            />
          )
        }
      />
    </form>
  );
}
