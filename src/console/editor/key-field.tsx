import { Input, NumberInput, SegmentedControl, Switch, Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { readText } from "../../protocol/read.js";
import { ColorField } from "./color-field.js";
import { useEditing } from "./editing.js";
import type { FieldRow } from "./editor-fields.js";
import { useEditorWords } from "./editor-words.js";
import { factsOf } from "./key-facts.js";

const ADDRESS = "https://";

/** The field of a key that holds one value. An empty one leaves the key out. */
export function KeyField({ path, label, help, isLong, options = {} }: FieldRow): ReactNode {
  const { editor } = useEditorWords();
  const { valueOf, change, errorOf } = useEditing();
  const facts = factsOf(path);
  const value = valueOf(path);
  const text = typeof value === "string" ? value : "";
  const common = { label: editor[label], description: help && editor[help], error: errorOf(path) };
  const changeText = (to: string): void => change(path, to === "" ? undefined : to);
  switch (facts.kind) {
    case "yesOrNo":
      return (
        <Switch
          {...common}
          checked={typeof value === "boolean" ? value : facts.initial}
          onChange={({ currentTarget }) => change(path, currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <Input.Wrapper {...common} labelElement="div">
          <div>
            <SegmentedControl
              aria-label={editor[label]}
              mt={4}
              value={readText(value) ?? facts.initial}
              onChange={(to) => change(path, to)}
              data={facts.options.map((option) => {
                const word = options[option];
                return { value: option, label: word ? editor[word] : option };
              })}
            />
          </div>
        </Input.Wrapper>
      );
    case "number":
      return (
        <NumberInput
          {...common}
          maw="16rem"
          min={facts.min}
          max={facts.max}
          // What is out of bounds is told, not changed behind one's back.
          clampBehavior="none"
          placeholder={facts.initial?.toString()}
          value={typeof value === "number" ? value : text}
          onChange={(to) => change(path, to === "" ? undefined : to)}
        />
      );
    case "color":
      return <ColorField {...common} value={text} onChange={changeText} />;
    case "address":
      return (
        <TextInput
          {...common}
          inputMode="url"
          placeholder={ADDRESS}
          value={text}
          onChange={({ currentTarget }) => changeText(currentTarget.value)}
        />
      );
    case "text":
      return isLong ? (
        <Textarea
          {...common}
          autosize
          minRows={2}
          value={text}
          onChange={({ currentTarget }) => changeText(currentTarget.value)}
        />
      ) : (
        <TextInput
          {...common}
          value={text}
          onChange={({ currentTarget }) => changeText(currentTarget.value)}
        />
      );
  }
}

/** Several in their order. */
export function KeyFields({ rows }: { readonly rows: readonly FieldRow[] }): ReactNode {
  return rows.map((row) => <KeyField key={row.path} {...row} />);
}
