import { Button, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { Check } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import { filterWord } from "./conversation-words.js";
import classes from "./conversations.module.css";
import { FILTERS, isGoodValue, type FilterKey } from "./conversation-filters.js";

export interface Choice {
  readonly value: string;
  readonly label: string;
}

/** What one filter is set to. @param choices of a filter that has some */
export function FilterEditor({
  filter,
  value,
  choices,
  onApply,
}: {
  readonly filter: FilterKey;
  readonly value: string;
  readonly choices: readonly Choice[] | undefined;
  readonly onApply: (value: string) => void;
}): ReactNode {
  const { words } = useSpeech();
  const name = filterWord(filter, words);
  if (choices) {
    return (
      <Stack gap={0} className={classes.kinds} role="group" aria-label={name}>
        {choices.length === 0 && (
          <Text size="sm" c="dimmed" p="xs">
            {words.filters.noChoice}
          </Text>
        )}
        {choices.map((choice) => (
          <Button
            key={choice.value}
            size="xs"
            variant="subtle"
            color="gray"
            c="inherit"
            justify="space-between"
            fullWidth
            aria-pressed={choice.value === value}
            rightSection={choice.value === value && <Check size={14} aria-hidden />}
            onClick={() => onApply(choice.value)}
          >
            {choice.label}
          </Button>
        ))}
      </Stack>
    );
  }
  return <Entered key={filter} filter={filter} name={name} before={value} onApply={onApply} />;
}

const EXAMPLE = '{"plan":"pro"}';
const TYPES = { count: "number", day: "date", text: "text", id: "text" } as const;

function Entered({
  filter,
  name,
  before,
  onApply,
}: {
  readonly filter: FilterKey;
  readonly name: string;
  readonly before: string;
  readonly onApply: (value: string) => void;
}): ReactNode {
  const { words, say } = useSpeech();
  const [value, setValue] = useState(before);
  const [wasSent, setWasSent] = useState(false);
  const error = wasSent && !isGoodValue(filter, value.trim()) && words.filters.wrong;
  const common = { label: name, value, error, size: "xs", "data-autofocus": true } as const;
  const { kind } = FILTERS[filter];
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setWasSent(true);
        if (isGoodValue(filter, value.trim())) onApply(value.trim());
      }}
    >
      <Stack gap="xs">
        {kind === "object" ? (
          <Textarea
            {...common}
            description={say(words.filters.metadataHelp, { example: EXAMPLE })}
            rows={3}
            onChange={({ currentTarget }) => setValue(currentTarget.value)}
          />
        ) : (
          <TextInput
            {...common}
            type={kind in TYPES ? TYPES[kind as keyof typeof TYPES] : "text"}
            min={0}
            onChange={({ currentTarget }) => setValue(currentTarget.value)}
          />
        )}
        <Button type="submit" size="xs">
          {words.filters.apply}
        </Button>
      </Stack>
    </form>
  );
}
