import { Textarea, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import { useAgentWords } from "./agent-words.js";

/** What an agent is called, beside its versions. */
export interface AgentName {
  readonly name: string;
  readonly description: string;
}

export const NO_NAME: AgentName = { name: "", description: "" };

export function AgentNameFields({
  value,
  wasSent,
  onChange,
}: {
  readonly value: AgentName;
  /** Whether what is missing is said. */
  readonly wasSent: boolean;
  onChange(part: Partial<AgentName>): void;
}): ReactNode {
  const { words } = useSpeech();
  const { agentPages } = useAgentWords();
  return (
    <>
      <TextInput
        label={words.common.name}
        description={agentPages.nameHelp}
        required
        withAsterisk={false}
        maxLength={200}
        data-autofocus
        value={value.name}
        onChange={({ currentTarget }) => onChange({ name: currentTarget.value })}
        error={wasSent && value.name.trim() === "" ? agentPages.nameNeeded : undefined}
      />
      <Textarea
        label={agentPages.description}
        description={agentPages.descriptionHelp}
        maxLength={5000}
        autosize
        minRows={2}
        maxRows={8}
        value={value.description}
        onChange={({ currentTarget }) => onChange({ description: currentTarget.value })}
      />
    </>
  );
}
