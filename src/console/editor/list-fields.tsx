import { Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { CONFIG_LIMITS } from "../../protocol/limits.js";
import { readFields, readList, type Fields } from "../../protocol/read.js";
import { useEditing } from "./editing.js";
import { useEditorWords } from "./editor-words.js";
import { freeName, textIn, withKey } from "./row-values.js";
import { RowsField } from "./rows-field.js";

/** What is shown above the closed launcher. */
export function QuestionsField(): ReactNode {
  const { editor } = useEditorWords();
  const { valueOf, change, errorOf } = useEditing();
  const path = "suggested_questions";
  const questions = readList(valueOf(path)).map((one) => (typeof one === "string" ? one : ""));
  return (
    <RowsField
      label={editor.questions}
      help={editor.questionsHelp}
      error={errorOf(path)}
      rows={questions}
      most={CONFIG_LIMITS.questions}
      add={{ label: editor.addQuestion, make: () => "" }}
      name={(question, index) => question || String(index + 1)}
      row={(question, index, to) => (
        <TextInput
          aria-label={`${editor.question} ${index + 1}`}
          value={question}
          error={errorOf(`${path}.${index}`)}
          onChange={({ currentTarget }) => to(currentTarget.value)}
        />
      )}
      onChange={(rows) => change(path, rows.length === 0 ? undefined : rows)}
    />
  );
}

/** Buttons in the panel. */
export function QuickActionsField(): ReactNode {
  const { editor } = useEditorWords();
  const { valueOf, change, errorOf } = useEditing();
  const path = "quick_actions";
  const actions = readList(valueOf(path)).map(readFields);
  const make = (): Fields => ({ id: freeName("action", actions), label: "", message: "" });
  return (
    <RowsField
      label={editor.quickActions}
      help={editor.quickActionsHelp}
      error={errorOf(path)}
      rows={actions}
      most={CONFIG_LIMITS.quickActions}
      add={{ label: editor.addAction, make }}
      name={(action, index) => textIn(action, "label") || String(index + 1)}
      row={(action, index, to) => (
        <>
          <TextInput
            label={editor.actionLabel}
            value={textIn(action, "label")}
            error={errorOf(`${path}.${index}.label`)}
            onChange={({ currentTarget }) => to({ ...action, label: currentTarget.value })}
          />
          <Textarea
            label={editor.actionMessage}
            autosize
            value={textIn(action, "message")}
            error={errorOf(`${path}.${index}.message`)}
            onChange={({ currentTarget }) => to({ ...action, message: currentTarget.value })}
          />
          <TextInput
            label={editor.technicalName}
            value={textIn(action, "id")}
            error={errorOf(`${path}.${index}.id`)}
            onChange={({ currentTarget }) => to(withKey(action, "id", currentTarget.value))}
          />
        </>
      )}
      onChange={(rows) => change(path, rows.length === 0 ? undefined : rows)}
    />
  );
}
