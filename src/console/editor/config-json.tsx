import { Textarea } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { isFields, readJson, type Fields } from "../../protocol/read.js";
import { isSame } from "./config-paths.js";
import { useEditorWords } from "./editor-words.js";

/** The whole config as JSON, for keys of one's own and what is rare. What is no JSON changes nothing. */
export function ConfigJson({
  config,
  onChange,
}: {
  readonly config: Fields;
  onChange(config: Fields): void;
}): ReactNode {
  const { editor } = useEditorWords();
  const [typed, setTyped] = useState<string>();
  const written = readJson(typed ?? "");
  const isObject = isFields(written);
  // What the other fields changed meanwhile takes the place of what was typed here.
  const isCurrent = typed !== undefined && (!isObject || isSame(written, config));
  return (
    <Textarea
      label={editor.json}
      description={editor.jsonHelp}
      error={isCurrent && !isObject && editor.noJson}
      autosize
      minRows={8}
      maxRows={24}
      spellCheck={false}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      value={isCurrent ? typed : JSON.stringify(config, undefined, 2)}
      onChange={({ currentTarget: { value } }) => {
        setTyped(value);
        const read = readJson(value);
        if (isFields(read)) onChange(read);
      }}
      onBlur={() => {
        if (isObject) setTyped(undefined);
      }}
    />
  );
}
