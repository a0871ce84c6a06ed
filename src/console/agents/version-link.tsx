import { Anchor, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { useSpeech } from "../use-speech.js";
import { useAgentWords } from "./agent-words.js";

/** To a version. @param children what is said below it */
export function VersionLink({
  agentId,
  version,
  children,
}: {
  readonly agentId: string;
  readonly version: number;
  readonly children?: ReactNode;
}): ReactNode {
  const { say } = useSpeech();
  const { agentPages } = useAgentWords();
  return (
    <Stack gap={2} align="flex-start">
      <Anchor component={Link} href={`/agents/${agentId}/versions/${version}`} size="sm">
        {say(agentPages.versionNumber, { version })}
      </Anchor>
      {children !== undefined && (
        <Text size="sm" c="dimmed">
          {children}
        </Text>
      )}
    </Stack>
  );
}
