import { Badge, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import { reasonsOf, type Readiness } from "./readiness-words.js";

/** Whether visitors can talk to a widget, and what its owner should know of it. */
export function WidgetState({
  widget: { published, readiness, draft },
}: {
  readonly widget: {
    readonly published: boolean;
    readonly readiness: Readiness | null;
    readonly draft: object | null;
  };
}): ReactNode {
  const { words } = useSpeech();
  const reasons = readiness ? reasonsOf(readiness, words) : [];
  const state = readiness?.live ? "live" : published ? "notReady" : "unpublished";
  const color = { live: "teal", notReady: "orange", unpublished: "gray" }[state];
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <Badge
          color={color}
          variant="light"
          miw="max-content"
          // Orange on orange is hard to read.
          {...(state === "notReady" && { c: "var(--mantine-color-text)" })}
        >
          {words.widgets[state]}
        </Badge>
        {draft && (
          <Badge color="blue" variant="light" miw="max-content">
            {words.widgets.draft}
          </Badge>
        )}
      </Group>
      {reasons.map(({ code, words: reason, blocks }) => (
        <Text key={code} size="sm" c={blocks ? undefined : "dimmed"}>
          {reason}
        </Text>
      ))}
    </Stack>
  );
}
