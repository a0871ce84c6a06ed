import { Checkbox, NativeSelect, Stack, Textarea, TextInput } from "@mantine/core";
import { useContext, useState, type ReactNode } from "react";
import { readFields, readTexts } from "../../protocol/read.js";
import { useAgentWords } from "./agent-words.js";
import type { ConfigField } from "./config-field.js";
import { CARD_WORDS } from "./config-fields.js";
import { describeField, EditorContext, useNotes } from "./editor-context.js";

/** One field of a config, as it stands in its object. */
export interface FieldProps<Kind extends ConfigField["kind"]> {
  readonly field: Extract<ConfigField, { readonly kind: Kind }>;
  readonly value: unknown;
  /** Where the value stands in the whole: `faq.0.question`. */
  readonly at: string;
  /** @param value undefined: absent */
  onChange(value: unknown): void;
}

/** What inputs have in common. */
function useFieldTexts({ field, at }: Pick<FieldProps<ConfigField["kind"]>, "field" | "at">) {
  const { agentFields } = useAgentWords();
  const { isReadOnly } = useContext(EditorContext);
  const notes = useNotes(at);
  return {
    isReadOnly,
    texts: {
      label: agentFields[field.label],
      description: describeField(field.help && agentFields[field.help], notes),
      error: notes.problem,
      "data-path": at,
    },
  };
}

export function TextFieldInput({ field, value, at, onChange }: FieldProps<"text" | "long">) {
  const { texts, isReadOnly } = useFieldTexts({ field, at });
  const text = typeof value === "string" ? value : "";
  const change = (entered: string): void =>
    onChange(entered === "" && !field.isNeeded ? undefined : entered);
  if (field.kind === "text") {
    return (
      <TextInput
        {...texts}
        value={text}
        readOnly={isReadOnly}
        onChange={({ currentTarget }) => change(currentTarget.value)}
      />
    );
  }
  return (
    <Textarea
      {...texts}
      autosize
      minRows={field.isNeeded ? 2 : 6}
      maxRows={30}
      value={text}
      readOnly={isReadOnly}
      onChange={({ currentTarget }) => change(currentTarget.value)}
    />
  );
}

export function NumberFieldInput({ field, value, at, onChange }: FieldProps<"number">) {
  const { texts, isReadOnly } = useFieldTexts({ field, at });
  return (
    <TextInput
      {...texts}
      type="number"
      inputMode={field.isWhole ? "numeric" : "decimal"}
      min={field.min}
      max={field.max}
      step={field.isWhole ? 1 : "any"}
      value={typeof value === "number" ? value : ""}
      readOnly={isReadOnly}
      onChange={({ currentTarget }) =>
        onChange(
          Number.isNaN(currentTarget.valueAsNumber) ? undefined : currentTarget.valueAsNumber,
        )
      }
    />
  );
}

/** Of a field that asks for a number or a day. */
export function BoundFieldInput({
  field,
  value,
  at,
  parent,
  onChange,
}: FieldProps<"bound"> & { readonly parent: unknown }) {
  const { texts, isReadOnly } = useFieldTexts({ field, at });
  const isNumber = readFields(parent)["type"] === "number";
  return (
    <TextInput
      {...texts}
      type={isNumber ? "number" : "date"}
      step="any"
      value={typeof value === "string" || typeof value === "number" ? value : ""}
      readOnly={isReadOnly}
      onChange={({ currentTarget: { value: entered, valueAsNumber } }) => {
        if (entered === "") onChange(undefined);
        else onChange(isNumber ? valueAsNumber : entered);
      }}
    />
  );
}

export function YesNoFieldInput({ field, value, at, onChange }: FieldProps<"yesNo">) {
  const { texts, isReadOnly } = useFieldTexts({ field, at });
  const { agentPages } = useAgentWords();
  return (
    <NativeSelect
      {...texts}
      disabled={isReadOnly}
      value={typeof value === "boolean" ? String(value) : ""}
      onChange={({ currentTarget }) =>
        onChange(currentTarget.value === "" ? undefined : currentTarget.value === "true")
      }
      data={[
        { value: "", label: agentPages.asItComes },
        { value: "true", label: agentPages.yes },
        { value: "false", label: agentPages.no },
      ]}
    />
  );
}

export function ChoiceFieldInput({ field, value, at, onChange }: FieldProps<"choice">) {
  const { texts, isReadOnly } = useFieldTexts({ field, at });
  const { agentPages, agentChoices } = useAgentWords();
  const choices = Object.entries(field.choices).map(([choice, word]) => ({
    value: choice,
    label: agentChoices[word],
  }));
  return (
    <NativeSelect
      {...texts}
      disabled={isReadOnly}
      value={typeof value === "string" ? value : ""}
      onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
      data={field.isNeeded ? choices : [{ value: "", label: agentPages.asItComes }, ...choices]}
    />
  );
}

export function OfferedFieldInput({ field, value, at, onChange }: FieldProps<"offered">) {
  const { texts, isReadOnly } = useFieldTexts({ field, at });
  const { offered } = useContext(EditorContext);
  const { agentPages } = useAgentWords();
  const offers = offered(at);
  const chosen = typeof value === "string" ? value : "";
  const isGone = chosen !== "" && !offers.includes(chosen);
  return (
    <NativeSelect
      {...texts}
      disabled={isReadOnly}
      value={chosen}
      onChange={({ currentTarget }) => onChange(currentTarget.value || undefined)}
      data={[
        { value: "", label: agentPages.asItComes },
        ...offers,
        ...(isGone
          ? [{ value: chosen, label: agentPages.goneOffer.replace("{name}", chosen) }]
          : []),
      ]}
    />
  );
}

export function LinesFieldInput({ field, value, at, onChange }: FieldProps<"lines">) {
  const { texts, isReadOnly } = useFieldTexts({ field, at });
  const [text, setText] = useState(() => readTexts(value).join("\n"));
  return (
    <Textarea
      {...texts}
      autosize
      minRows={3}
      value={text}
      readOnly={isReadOnly}
      onChange={({ currentTarget }) => {
        setText(currentTarget.value);
        onChange(currentTarget.value.split(/\s+/).filter((line) => line !== ""));
      }}
    />
  );
}

export function CardsFieldInput({ field, value, at, onChange }: FieldProps<"cards">): ReactNode {
  const { texts, isReadOnly } = useFieldTexts({ field, at });
  const { agentChoices } = useAgentWords();
  return (
    <Checkbox.Group
      {...texts}
      value={readTexts(value)}
      onChange={(chosen) => onChange(chosen.length === 0 ? undefined : chosen)}
    >
      <Stack gap="xs" mt="xs">
        {Object.entries(CARD_WORDS).map(([card, word]) => (
          <Checkbox key={card} value={card} label={agentChoices[word]} disabled={isReadOnly} />
        ))}
      </Stack>
    </Checkbox.Group>
  );
}
