import { ActionIcon, Button, Fieldset, Group, Paper, Stack, Switch, Text } from "@mantine/core";
import { ArrowDown, ArrowUp, Plus, Trash2 } from "lucide-react";
import { useContext, type ReactNode } from "react";
import { readFields, readList, readText, type Fields } from "../../protocol/read.js";
import { useSpeech } from "../use-speech.js";
import { useAgentWords } from "./agent-words.js";
import classes from "./agents.module.css";
import type { ConfigField, ListConfigField } from "./config-field.js";
import {
  BoundFieldInput,
  CardsFieldInput,
  ChoiceFieldInput,
  LinesFieldInput,
  NumberFieldInput,
  OfferedFieldInput,
  TextFieldInput,
  YesNoFieldInput,
  type FieldProps,
} from "./config-inputs.js";
import { joined } from "./config-places.js";
import { moved, valueAt, withValueAt } from "./config-value.js";
import { describeField, EditorContext, GroupNotes, useNotes } from "./editor-context.js";
import { MessageFieldInput } from "./message-input.js";

const WIDE = new Set<ConfigField["kind"]>([
  "long",
  "message",
  "cards",
  "lines",
  "part",
  "list",
  "group",
]);

/** Fields of one object, in the order in which they are listed. What is in the object beside them is kept. */
export function ConfigForm({
  fields,
  value,
  at,
  onChange,
}: {
  readonly fields: readonly ConfigField[];
  readonly value: unknown;
  /** Where the object stands in the whole. */
  readonly at: string;
  onChange(value: Fields): void;
}): ReactNode {
  const parent = readFields(value);
  const shown = fields.filter(
    (field) => field.fits?.(parent) !== false || valueAt(parent, field.path) !== undefined,
  );
  return (
    <div className={classes.fields}>
      {shown.map((field) => (
        <div
          key={`${field.path} ${field.label}`}
          className={WIDE.has(field.kind) ? classes.wide : undefined}
        >
          {field.kind === "group" ? (
            <FieldGroup field={field} at={joined(at, field.path)}>
              <ConfigForm fields={field.fields} value={value} at={at} onChange={onChange} />
            </FieldGroup>
          ) : (
            <AnyField
              field={field}
              parent={value}
              value={valueAt(value, field.path)}
              at={joined(at, field.path)}
              onChange={(next) =>
                onChange(
                  field.path === "" ? readFields(next) : withValueAt(value, field.path, next),
                )
              }
            />
          )}
        </div>
      ))}
    </div>
  );
}

type Shown = Exclude<ConfigField, { readonly kind: "group" }>;

function AnyField({
  field,
  parent,
  ...rest
}: {
  readonly field: Shown;
  readonly parent: unknown;
  readonly value: unknown;
  readonly at: string;
  onChange(value: unknown): void;
}): ReactNode {
  switch (field.kind) {
    case "text":
    case "long":
      return <TextFieldInput field={field} {...rest} />;
    case "number":
      return <NumberFieldInput field={field} {...rest} />;
    case "bound":
      return <BoundFieldInput field={field} parent={parent} {...rest} />;
    case "yesNo":
      return <YesNoFieldInput field={field} {...rest} />;
    case "choice":
      return <ChoiceFieldInput field={field} {...rest} />;
    case "offered":
      return <OfferedFieldInput field={field} {...rest} />;
    case "message":
      return <MessageFieldInput field={field} {...rest} />;
    case "cards":
      return <CardsFieldInput field={field} {...rest} />;
    case "lines":
      return <LinesFieldInput field={field} {...rest} />;
    case "part":
      return <PartField field={field} {...rest} />;
    case "list":
      return <ListField field={field} {...rest} />;
  }
}

function FieldGroup({
  field,
  at,
  children,
}: {
  readonly field: ConfigField;
  readonly at: string;
  readonly children: ReactNode;
}): ReactNode {
  const { agentFields } = useAgentWords();
  return (
    <Fieldset legend={agentFields[field.label]} className={classes.group}>
      <Stack gap="sm">
        <GroupNotes path={at} help={field.help && agentFields[field.help]} />
        {children}
      </Stack>
    </Fieldset>
  );
}

/** On by its key alone. */
function PartField({ field, value, at, onChange }: FieldProps<"part">): ReactNode {
  const { agentFields } = useAgentWords();
  const { isReadOnly } = useContext(EditorContext);
  const notes = useNotes(at, false);
  const isOn = value !== undefined && value !== null;
  return (
    <Paper withBorder p="md">
      <Stack gap="md">
        <Switch
          label={agentFields[field.label]}
          description={describeField(field.help && agentFields[field.help], notes)}
          error={notes.problem}
          checked={isOn}
          disabled={isReadOnly}
          onChange={({ currentTarget }) =>
            onChange(currentTarget.checked ? field.begin : undefined)
          }
        />
        {isOn && <ConfigForm fields={field.fields} value={value} at={at} onChange={onChange} />}
      </Stack>
    </Paper>
  );
}

function ListField({ field, value, at, onChange }: FieldProps<"list">): ReactNode {
  const { say } = useSpeech();
  const { agentFields, agentPages } = useAgentWords();
  const { isReadOnly } = useContext(EditorContext);
  const items = readList(value);
  const what = agentFields[field.item];
  return (
    <Stack gap="sm" role="group" aria-label={agentFields[field.label]}>
      <div>
        <Text size="sm" fw={500}>
          {agentFields[field.label]}
        </Text>
        <GroupNotes path={at} help={field.help && agentFields[field.help]} />
      </div>
      {items.map((item, index) => (
        <ListItem
          // They have no names of their own that stay.
          key={index}
          field={field}
          items={items}
          index={index}
          at={joined(at, `${index}`)}
          onItems={onChange}
        >
          <ConfigForm
            fields={field.fields}
            value={item}
            at={joined(at, `${index}`)}
            onChange={(next) =>
              onChange(items.map((before, place) => (place === index ? next : before)))
            }
          />
        </ListItem>
      ))}
      {!isReadOnly && items.length < field.max && (
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<Plus size={14} aria-hidden />}
            onClick={() => onChange([...items, field.begin(items)])}
          >
            {say(agentPages.add, { what })}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

/** An item in a frame of its own, with what is done with it as a whole. */
function ListItem({
  field,
  items,
  index,
  at,
  onItems,
  children,
}: {
  readonly field: ListConfigField;
  readonly items: readonly unknown[];
  readonly index: number;
  readonly at: string;
  onItems(items: unknown): void;
  readonly children: ReactNode;
}): ReactNode {
  const { say } = useSpeech();
  const { agentFields, agentPages } = useAgentWords();
  const { isReadOnly } = useContext(EditorContext);
  const item = readFields(items[index]);
  const number = say(agentPages.numbered, { what: agentFields[field.item], number: index + 1 });
  const name = readText(item["label"]) ?? readText(item["name"]) ?? readText(item["question"]);
  const rest = items.filter((_, place) => place !== index);
  const actions = [
    {
      label: agentPages.moveUp,
      Icon: ArrowUp,
      isOff: index === 0,
      act: () => onItems(moved(items, index, -1)),
    },
    {
      label: agentPages.moveDown,
      Icon: ArrowDown,
      isOff: index === items.length - 1,
      act: () => onItems(moved(items, index, 1)),
    },
    {
      label: agentPages.takeAway,
      Icon: Trash2,
      isOff: false,
      act: () => onItems(rest.length === 0 ? undefined : rest),
    },
  ];
  return (
    <Paper withBorder p="sm" className={classes.item} role="group" aria-label={number}>
      <Stack gap="sm">
        <Group justify="space-between" wrap="nowrap" gap="xs">
          <Text size="sm" c="dimmed" truncate>
            {name === undefined ? number : `${number}: ${name}`}
          </Text>
          {!isReadOnly && (
            <Group gap={4} wrap="nowrap">
              {actions.map(({ label, Icon, isOff, act }) => (
                <ActionIcon
                  key={label}
                  variant="subtle"
                  color="gray"
                  c="inherit"
                  disabled={isOff}
                  aria-label={say(label, { what: number })}
                  onClick={act}
                >
                  <Icon size={16} aria-hidden />
                </ActionIcon>
              ))}
            </Group>
          )}
        </Group>
        <GroupNotes path={at} />
        {children}
      </Stack>
    </Paper>
  );
}
