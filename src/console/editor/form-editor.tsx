import {
  Button,
  Fieldset,
  Group,
  Select,
  SimpleGrid,
  Stack,
  Switch,
  TextInput,
} from "@mantine/core";
import type { ReactNode } from "react";
import { FORM_FIELD_TYPES } from "../../protocol/choices.js";
import { FORM_LIMITS } from "../../protocol/limits.js";
import { isFields, readFields, readList, type Fields } from "../../protocol/read.js";
import { useEditing } from "./editing.js";
import type { EditorWord } from "./editor-word.js";
import { useEditorWords } from "./editor-words.js";
import { freeName, textIn, withKey } from "./row-values.js";
import { RowsField } from "./rows-field.js";

const TYPE_WORDS: Readonly<Record<(typeof FORM_FIELD_TYPES)[number], EditorWord>> = {
  text: "typeText",
  textarea: "typeLong",
  email: "typeEmail",
  phone: "typePhone",
  number: "typeNumber",
  select: "typeSelect",
  multiselect: "typeMany",
  checkbox: "typeCheckbox",
  rating: "typeRating",
  date: "typeDate",
};
const WITH_OPTIONS = ["select", "multiselect"];
const WITH_BOUNDS = ["number", "rating", "date"];

/** A whole form: its words and its questions. @param path below `config.v1`; absent there: there is no form. */
export function FormEditor({ path }: { readonly path: string }): ReactNode {
  const { editor } = useEditorWords();
  const { valueOf, change, errorOf } = useEditing();
  const value = valueOf(path);
  if (!isFields(value)) {
    return (
      <Group>
        <Button variant="default" size="xs" onClick={() => change(path, { fields: [] })}>
          {editor.addForm}
        </Button>
      </Group>
    );
  }
  const text = (key: string, label: EditorWord): ReactNode => (
    <TextInput
      label={editor[label]}
      value={textIn(value, key)}
      error={errorOf(`${path}.${key}`)}
      onChange={({ currentTarget }) => change(path, withKey(value, key, currentTarget.value))}
    />
  );
  return (
    <Fieldset legend={editor.form}>
      <Stack gap="md">
        {text("title", "formTitle")}
        {text("submit_label", "formButton")}
        <QuestionRows path={`${path}.fields`} />
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {text("id", "technicalName")}
          {text("name", "formName")}
        </SimpleGrid>
        <Group justify="flex-end">
          <Button variant="subtle" color="red" size="xs" onClick={() => change(path, undefined)}>
            {editor.removeForm}
          </Button>
        </Group>
      </Stack>
    </Fieldset>
  );
}

/** The questions of a form. @param path of the list, below `config.v1` */
export function QuestionRows({ path }: { readonly path: string }): ReactNode {
  const { editor } = useEditorWords();
  const { valueOf, change, errorOf } = useEditing();
  const rows = readList(valueOf(path)).map(readFields);
  return (
    <RowsField
      label={editor.formFields}
      error={errorOf(path)}
      rows={rows}
      most={FORM_LIMITS.fields}
      add={{
        label: editor.addField,
        make: () => ({ id: freeName("field", rows), type: "text", label: "" }),
      }}
      name={(row, index) => textIn(row, "label") || textIn(row, "id") || String(index + 1)}
      row={(row, index, to) => <QuestionRow row={row} path={`${path}.${index}`} onChange={to} />}
      onChange={(to) => change(path, to)}
    />
  );
}

function QuestionRow({
  row,
  path,
  onChange,
}: {
  readonly row: Fields;
  readonly path: string;
  onChange(row: Fields): void;
}): ReactNode {
  const { editor } = useEditorWords();
  const { errorOf } = useEditing();
  const type = textIn(row, "type");
  const text = (key: string, label: EditorWord): ReactNode => (
    <TextInput
      label={editor[label]}
      value={textIn(row, key)}
      error={errorOf(`${path}.${key}`)}
      onChange={({ currentTarget }) => onChange(withKey(row, key, currentTarget.value))}
    />
  );
  const bound = (key: "min" | "max", label: EditorWord): ReactNode => (
    <TextInput
      label={editor[label]}
      type={type === "date" ? "date" : "number"}
      value={textIn(row, key)}
      error={errorOf(`${path}.${key}`)}
      onChange={({ currentTarget: { value } }) =>
        onChange(withKey(row, key, type === "date" || value === "" ? value : Number(value)))
      }
    />
  );
  return (
    <>
      {text("label", "fieldLabel")}
      <SimpleGrid cols={{ base: 1, xs: 2 }}>
        <Select
          label={editor.fieldType}
          allowDeselect={false}
          value={type}
          error={errorOf(`${path}.type`)}
          data={FORM_FIELD_TYPES.map((one) => ({ value: one, label: editor[TYPE_WORDS[one]] }))}
          onChange={(to) => onChange({ ...row, type: to ?? type })}
        />
        {text("id", "technicalName")}
      </SimpleGrid>
      {!WITH_OPTIONS.includes(type) && text("placeholder", "fieldPlaceholder")}
      {WITH_BOUNDS.includes(type) && (
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          {bound("min", "least")}
          {bound("max", "most")}
        </SimpleGrid>
      )}
      {WITH_OPTIONS.includes(type) && <OptionRows row={row} path={path} onChange={onChange} />}
      <Switch
        label={editor.required}
        checked={row["required"] === true}
        onChange={({ currentTarget }) =>
          onChange(withKey(row, "required", currentTarget.checked || undefined))
        }
      />
    </>
  );
}

/** What may be chosen. The value follows the label until it is given one of its own. */
function OptionRows({
  row,
  path,
  onChange,
}: {
  readonly row: Fields;
  readonly path: string;
  onChange(row: Fields): void;
}): ReactNode {
  const { editor } = useEditorWords();
  const { errorOf } = useEditing();
  const options = readList(row["options"]).map(readFields);
  return (
    <RowsField
      label={editor.options}
      error={errorOf(`${path}.options`)}
      rows={options}
      most={FORM_LIMITS.options}
      add={{ label: editor.addOption, make: () => ({ value: "", label: "" }) }}
      name={(option, index) => textIn(option, "label") || String(index + 1)}
      row={(option, index, to) => (
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <TextInput
            label={editor.optionLabel}
            value={textIn(option, "label")}
            error={errorOf(`${path}.options.${index}.label`)}
            onChange={({ currentTarget: { value: label } }) => {
              const isOwn = option["value"] !== option["label"];
              to(isOwn ? { ...option, label } : { ...option, label, value: label });
            }}
          />
          <TextInput
            label={editor.optionValue}
            value={textIn(option, "value")}
            error={errorOf(`${path}.options.${index}.value`)}
            onChange={({ currentTarget }) => to({ ...option, value: currentTarget.value })}
          />
        </SimpleGrid>
      )}
      onChange={(to) => onChange({ ...row, options: to })}
    />
  );
}
