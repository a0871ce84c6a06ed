import { NativeSelect, Stack, Textarea } from "@mantine/core";
import { useContext, type ReactNode } from "react";
import { readFields, readText } from "../../protocol/read.js";
import { useSpeech } from "../use-speech.js";
import { useAgentWords } from "./agent-words.js";
import type { FieldProps } from "./config-inputs.js";
import { describeField, EditorContext, useNotes } from "./editor-context.js";

const SAYS = "bot_initiates_static";
const FINDS = "bot_initiates_dynamic";
const WAITS = "user_initiates";

/** Who speaks, and what: a fixed text, one that the model finds, or nothing. */
export function MessageFieldInput({
  field,
  value,
  at,
  onChange,
}: FieldProps<"message">): ReactNode {
  const { say } = useSpeech();
  const { agentFields, agentChoices, agentPages } = useAgentWords();
  const { isReadOnly } = useContext(EditorContext);
  const notes = useNotes(at);
  const message = readFields(value);
  const kind = readText(message["type"]) ?? "";
  const key = kind === FINDS ? "prompt" : "text";
  const label = agentFields[field.label];
  // What was written is not lost when somebody looks at the other kind.
  const written = message["text"] ?? message["prompt"] ?? "";
  const choose = (type: string): void => {
    if (type === "") onChange(undefined);
    else if (type === WAITS) onChange({ type });
    else onChange({ type, [type === FINDS ? "prompt" : "text"]: written });
  };
  return (
    <Stack gap="xs">
      <NativeSelect
        label={say(agentPages.messageKind, { what: label })}
        description={describeField(field.help && agentFields[field.help], notes)}
        disabled={isReadOnly}
        value={kind}
        onChange={({ currentTarget }) => choose(currentTarget.value)}
        data={[
          ...(field.isStart ? [{ value: "", label: agentPages.asItComes }] : []),
          { value: SAYS, label: agentChoices.says },
          { value: FINDS, label: agentChoices.finds },
          ...(field.isStart ? [{ value: WAITS, label: agentChoices.waits }] : []),
        ]}
      />
      {(kind === SAYS || kind === FINDS) && (
        <Textarea
          label={`${label}: ${kind === SAYS ? agentChoices.saysText : agentChoices.findsPrompt}`}
          autosize
          minRows={2}
          value={String(message[key] ?? "")}
          error={notes.problem}
          readOnly={isReadOnly}
          onChange={({ currentTarget }) => onChange({ ...message, [key]: currentTarget.value })}
        />
      )}
    </Stack>
  );
}
