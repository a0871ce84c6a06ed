import { Code, Stack, Text } from "@mantine/core";
import { useMemo, type ReactNode } from "react";
import { useAgentWords } from "./agent-words.js";
import classes from "./agents.module.css";
import { configDifferences, type ConfigDifference } from "./config-diff.js";

/** What one config says and another does not, key by key, side by side where there is room. */
export function ConfigChanges({
  before,
  after,
}: {
  readonly before: unknown;
  readonly after: unknown;
}): ReactNode {
  const { agentPages } = useAgentWords();
  const differences = useMemo(() => configDifferences(before, after), [before, after]);
  if (differences.length === 0) return <Text>{agentPages.same}</Text>;
  return (
    <Stack gap="lg">
      {differences.map((difference) => (
        <Stack key={difference.path} gap="xs" role="group" aria-label={difference.path}>
          <Code w="fit-content">{difference.path}</Code>
          <div className={classes.sides}>
            <Side title={agentPages.before} pieces={difference.before} />
            <Side title={agentPages.after} pieces={difference.after} />
          </div>
        </Stack>
      ))}
    </Stack>
  );
}

function Side({
  title,
  pieces,
}: {
  readonly title: string;
  readonly pieces: ConfigDifference["before"];
}): ReactNode {
  const { agentPages } = useAgentWords();
  return (
    <div>
      <Text size="xs" c="dimmed" mb={4}>
        {title}
      </Text>
      <div className={classes.side}>
        {pieces === undefined ? (
          <Text size="sm" c="dimmed">
            {agentPages.absent}
          </Text>
        ) : (
          pieces.map(({ text, change }, place) => {
            const Tag = change === "none" ? "span" : change === "added" ? "ins" : "del";
            return <Tag key={place}>{text}</Tag>;
          })
        )}
      </div>
    </div>
  );
}
