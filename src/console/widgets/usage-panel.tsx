import { Group, Progress, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { readFields } from "../../protocol/read.js";
import { Panel } from "../shell/panel.js";
import { useSpeech } from "../use-speech.js";
import type { UsageOf } from "./access-of.js";
import { limitOf, type LimitKey } from "./limit-keys.js";
import { useWidgetWords } from "./widget-words.js";

/** What a day's talks have used of what they may use. */
export function UsagePanel({ usage }: { readonly usage: UsageOf }): ReactNode {
  const { say, moment } = useSpeech();
  const { widgetAccess } = useWidgetWords();
  const { refused } = usage;
  const turnedAway = refused.concurrentTalks + refused.minutesPerDay + refused.tokensPerDay;
  const limits = readFields(usage.limits);
  const limit = (key: LimitKey): number | undefined => limitOf(limits, key);
  return (
    <Panel
      title={widgetAccess.usage}
      about={say(widgetAccess.usageAbout, { moment: moment(usage.since) })}
    >
      <Used label={widgetAccess.talksNow} used={usage.talksNow} limit={limit("concurrent_talks")} />
      <Used
        label={widgetAccess.minutesToday}
        used={usage.minutes}
        reserved={usage.reservedMinutes}
        limit={limit("minutes_per_day")}
      />
      <Used
        label={widgetAccess.tokensToday}
        used={usage.tokens}
        reserved={usage.reservedTokens}
        limit={limit("tokens_per_day")}
      />
      <Group gap="xl">
        <Text size="sm">{say(widgetAccess.talksToday, { count: usage.talks })}</Text>
        <Text size="sm">{say(widgetAccess.refusedToday, { count: turnedAway })}</Text>
      </Group>
    </Panel>
  );
}

/** @param reserved what talks of now may still use @param limit undefined: any number */
function Used({
  label,
  used,
  reserved = 0,
  limit,
}: {
  readonly label: string;
  readonly used: number;
  readonly reserved?: number;
  readonly limit: number | undefined;
}): ReactNode {
  const { language, say } = useSpeech();
  const { widgetAccess } = useWidgetWords();
  const number = (value: number): string => value.toLocaleString(language);
  const said =
    limit === undefined
      ? say(widgetAccess.noLimit, { used: number(used) })
      : say(widgetAccess.ofLimit, { used: number(used), limit: number(limit) });
  const part = (value: number): number =>
    limit === undefined ? 0 : Math.min(100, (value / limit) * 100);
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs">
        <Text size="sm" fw={500}>
          {label}
        </Text>
        <Text size="sm">{said}</Text>
      </Group>
      {limit !== undefined && (
        <Progress.Root size="md">
          <Progress.Section
            value={part(used)}
            color={used >= limit ? "red" : "teal"}
            aria-label={label}
            aria-valuetext={said}
          />
          {reserved > 0 && (
            <Progress.Section value={part(reserved)} color="gray" withAria={false} />
          )}
        </Progress.Root>
      )}
      {reserved > 0 && (
        <Text size="sm" c="dimmed">
          {say(widgetAccess.reserved, { reserved: number(reserved) })}
        </Text>
      )}
    </Stack>
  );
}
