import { Group, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { TurnFragment } from "../generated/operations.js";
import { useSpeech } from "../use-speech.js";
import classes from "./conversations.module.css";
import { STAGES, stagesOf, wholeOf } from "./turns.js";

type Latency = NonNullable<TurnFragment["latency"]>;

/** How long each stage of an answer took, side by side. @param slowest the conversation's slowest answer, in milliseconds */
export function LatencyBar({
  latency,
  slowest,
}: {
  readonly latency: Latency;
  readonly slowest: number;
}): ReactNode {
  const { words, say } = useSpeech();
  const stages = stagesOf(latency);
  const whole = wholeOf(latency);
  if (whole === 0) return undefined;
  const told = stages.map(
    ({ stage, milliseconds }) =>
      `${words.stages[stage]} ${say(words.conversations.milliseconds, { milliseconds })}`,
  );
  return (
    <Group gap="xs" mt={6} wrap="nowrap">
      <svg
        className={classes.bar}
        viewBox={`0 0 ${slowest} 6`}
        preserveAspectRatio="none"
        role="img"
        aria-label={told.join(", ")}
      >
        {stages.map(({ stage, milliseconds }, index) => (
          <rect
            key={stage}
            data-stage={stage}
            x={stages.slice(0, index).reduce((sum, before) => sum + before.milliseconds, 0)}
            width={milliseconds}
            height={6}
          />
        ))}
      </svg>
      <Text size="xs" c="dimmed" className={classes.number} title={told.join("\n")}>
        {say(words.conversations.milliseconds, { milliseconds: whole })}
      </Text>
    </Group>
  );
}

/** Which colour is which stage. */
export function LatencyLegend(): ReactNode {
  const { words } = useSpeech();
  return (
    <Group gap="md">
      {[...STAGES, "rest" as const].map((stage) => (
        <Group key={stage} gap={6}>
          <svg className={classes.swatch} viewBox="0 0 10 10" aria-hidden>
            <rect data-stage={stage} width={10} height={10} rx={2} />
          </svg>
          <Text size="xs" c="dimmed">
            {words.stages[stage]}
          </Text>
        </Group>
      ))}
    </Group>
  );
}
