import { useQuery } from "@apollo/client/react";
import { Button, CloseButton, Group, Popover, Stack } from "@mantine/core";
import { ListFilter } from "lucide-react";
import { useState, type ReactNode } from "react";
import { ConversationChoicesDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import type { SpokenWords } from "../say.js";
import { useSpeech } from "../use-speech.js";
import { channelWord, directionWord, filterWord, statusWord } from "./conversation-words.js";
import classes from "./conversations.module.css";
import { FilterEditor, type Choice } from "./filter-editor.js";
import { widgetName } from "../widgets/widget-name.js";
import {
  CHANNELS,
  DIRECTIONS,
  FILTER_KEYS,
  FILTERS,
  isSensitive,
  STATUSES,
  withFilter,
  type FilterKey,
  type ConversationFilters,
} from "./conversation-filters.js";

type Choices = { readonly [Key in FilterKey]?: readonly Choice[] };

/** The filters that are set, each a chip that opens and that goes, and a way to more. */
export function ConversationFilterBar({
  filters,
  onChange,
}: {
  readonly filters: ConversationFilters;
  readonly onChange: (filters: ConversationFilters) => void;
}): ReactNode {
  const speech = useSpeech();
  const { words, say } = speech;
  const choices = useChoices(speech);
  const [isOpen, setIsOpen] = useState(false);
  const [edited, setEdited] = useState<FilterKey>();
  const set = FILTER_KEYS.filter((key) => filters[key] !== undefined);
  const open = (key: FilterKey | undefined): void => {
    setEdited(key);
    setIsOpen(true);
  };
  const apply = (key: FilterKey, value: string | undefined): void => {
    setIsOpen(false);
    onChange(withFilter(filters, key, value));
  };
  return (
    <Group gap="xs" role="group" aria-label={words.filters.title}>
      <Popover
        opened={isOpen}
        onChange={setIsOpen}
        position="bottom-start"
        shadow="md"
        width={280}
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <Button
            size="xs"
            variant="default"
            leftSection={<ListFilter size={14} aria-hidden />}
            onClick={() => (isOpen ? setIsOpen(false) : open(undefined))}
          >
            {words.filters.add}
          </Button>
        </Popover.Target>
        <Popover.Dropdown p="xs">
          {edited === undefined ? (
            <Kinds onChoose={(key) => (isMark(key) ? apply(key, "yes") : setEdited(key))} />
          ) : (
            <FilterEditor
              key={edited}
              filter={edited}
              value={filters[edited] ?? ""}
              choices={choices[edited]}
              onApply={(value) => apply(edited, value)}
            />
          )}
        </Popover.Dropdown>
      </Popover>
      {set.map((key) => {
        const name = filterWord(key, words);
        const value = filters[key] ?? "";
        return (
          <span key={key} className={classes.chip}>
            <Button
              size="compact-xs"
              variant="transparent"
              c="inherit"
              disabled={isMark(key)}
              className={classes.chipText}
              onClick={() => open(key)}
            >
              {isMark(key) ? name : `${name}: ${shown(key, value, choices, speech)}`}
            </Button>
            <CloseButton
              size="xs"
              aria-label={say(words.filters.remove, { name })}
              onClick={() => apply(key, undefined)}
            />
          </span>
        );
      })}
      {set.length > 1 && (
        <Button size="xs" variant="subtle" color="gray" c="dimmed" onClick={() => onChange({})}>
          {words.filters.clear}
        </Button>
      )}
    </Group>
  );
}

/** What there is to filter by; nothing that the person may not look at. */
function Kinds({ onChoose }: { readonly onChoose: (key: FilterKey) => void }): ReactNode {
  const { words } = useSpeech();
  const { may } = useSession();
  const offered = FILTER_KEYS.filter(
    (key) => !isSensitive(key) || may("CONVERSATIONS_READ_SENSITIVE"),
  );
  return (
    <Stack gap={0} className={classes.kinds}>
      {offered.map((key) => (
        <Button
          key={key}
          size="xs"
          variant="subtle"
          color="gray"
          c="inherit"
          justify="start"
          fullWidth
          onClick={() => onChoose(key)}
        >
          {filterWord(key, words)}
        </Button>
      ))}
    </Stack>
  );
}

function isMark(key: FilterKey): boolean {
  return FILTERS[key].kind === "mark";
}

function shown(key: FilterKey, value: string, choices: Choices, { day }: SpokenWords): string {
  if (FILTERS[key].kind === "day") return day(`${value}T12:00:00`);
  return choices[key]?.find((choice) => choice.value === value)?.label ?? value;
}

function useChoices({ words }: SpokenWords): Choices {
  const { data } = useQuery(ConversationChoicesDocument);
  const named = (nodes: readonly { readonly id: string; readonly name: string }[] = []): Choice[] =>
    nodes.map(({ id, name }) => ({ value: id, label: name }));
  const said = <T,>(literals: Readonly<Record<string, T>>, say: (literal: T) => string): Choice[] =>
    Object.entries(literals).map(([value, literal]) => ({ value, label: say(literal) }));
  return {
    status: said(STATUSES, (status) => statusWord(status, words)),
    channel: said(CHANNELS, (channel) => channelWord(channel, words)),
    direction: said(DIRECTIONS, (direction) => directionWord(direction, words)),
    widget:
      data?.widgets?.nodes.map((widget) => ({
        value: widget.id,
        label: widgetName(widget),
      })) ?? [],
    agent: named(data?.agents?.nodes),
  };
}
