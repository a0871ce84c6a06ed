import { Badge, Group, Paper, Stack, Text } from "@mantine/core";
import { Bot, CircleAlert, Keyboard, MessagesSquare, Mic, UserRound, Wrench } from "lucide-react";
import type { ReactNode } from "react";
import type { TurnError, TurnFragment } from "../generated/operations.js";
import { Nothing } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import type { Words } from "../words/console-words.js";
import { clock } from "./conversation-words.js";
import classes from "./conversations.module.css";
import { LatencyBar, LatencyLegend } from "./latency-bar.js";
import { MarkdownText } from "./markdown-text.js";
import { ToolCallView } from "./tool-call-view.js";
import { wholeOf } from "./turns.js";

const ERRORS: Readonly<Record<TurnError, keyof Words["turnErrors"]>> = {
  BAD_ANSWER: "badAnswer",
  CUT_OFF: "cutOff",
  FALLBACK: "fallback",
  RATE_LIMITED: "rateLimited",
  SERVER_ERROR: "serverError",
  TIMEOUT: "timeout",
  TOOL_LOOP: "toolLoop",
  UNAUTHORIZED: "unauthorized",
};

/**
 * What was said and done, on the line of its time.
 *
 * @param since when the conversation began
 */
export function TranscriptPanel({
  turns,
  since,
  isLive,
}: {
  readonly turns: readonly TurnFragment[];
  readonly since: string;
  readonly isLive: boolean;
}): ReactNode {
  const { words } = useSpeech();
  // All answers are measured by the slowest.
  const slowest = Math.max(0, ...turns.map(({ latency }) => (latency ? wholeOf(latency) : 0)));
  return (
    <Paper withBorder component="section" p="lg">
      {turns.length === 0 ? (
        <Nothing Icon={MessagesSquare} title={words.conversations.silent}>
          {isLive ? words.conversations.silentLive : words.conversations.silentHelp}
        </Nothing>
      ) : (
        <Stack gap="md">
          {slowest > 0 && <LatencyLegend />}
          <div role="log" aria-label={words.conversations.transcript}>
            <ol className={classes.turns}>
              {turns.map((turn) => (
                <Turn key={turn.id} turn={turn} since={since} slowest={slowest} />
              ))}
            </ol>
          </div>
        </Stack>
      )}
      {isLive && (
        <Group gap="xs" mt="md">
          <span className={classes.dot} data-tone="live" aria-hidden />
          <Text size="xs" c="dimmed">
            {words.conversations.live}
          </Text>
        </Group>
      )}
    </Paper>
  );
}

const ICONS = { USER: UserRound, AGENT: Bot, TOOL: Wrench } as const;

function Turn({
  turn,
  since,
  slowest,
}: {
  readonly turn: TurnFragment;
  readonly since: string;
  readonly slowest: number;
}): ReactNode {
  const { words, moment } = useSpeech();
  const Icon = ICONS[turn.role];
  const Mode = turn.mode === "VOICE" ? Mic : Keyboard;
  const seconds = (new Date(turn.createdAt).getTime() - new Date(since).getTime()) / 1000;
  const who = {
    USER: words.conversations.visitor,
    AGENT: words.filters.agent,
    TOOL: words.conversations.tool,
  };
  return (
    <li className={classes.turn} data-role={turn.role.toLowerCase()}>
      <span className={classes.turnIcon} aria-hidden>
        <Icon size={16} strokeWidth={1.75} />
      </span>
      <div className={classes.turnBody}>
        <Group gap="xs" mb={2}>
          <Text size="sm" fw={600}>
            {who[turn.role]}
          </Text>
          {turn.role !== "TOOL" && (
            <Mode
              size={14}
              className={classes.quiet}
              role="img"
              aria-label={
                turn.mode === "VOICE" ? words.conversations.spoken : words.conversations.typed
              }
            />
          )}
          <Text
            component="time"
            size="xs"
            c="dimmed"
            dateTime={turn.createdAt}
            title={moment(turn.createdAt)}
          >
            {`+${clock(Math.max(0, seconds))}`}
          </Text>
        </Group>
        <TurnContent turn={turn} />
        {turn.error && (
          <Badge
            mt="xs"
            variant="default"
            leftSection={<CircleAlert size={12} aria-hidden className={classes.bad} />}
          >
            {words.turnErrors[ERRORS[turn.error]]}
          </Badge>
        )}
        {turn.latency && <LatencyBar latency={turn.latency} slowest={slowest} />}
      </div>
    </li>
  );
}

/** Agents write Markdown; what a visitor wrote stands as it was written. */
function TurnContent({ turn }: { readonly turn: TurnFragment }): ReactNode {
  if (turn.toolCall) return <ToolCallView call={turn.toolCall} />;
  if (turn.role === "AGENT") return <MarkdownText text={turn.text} />;
  return (
    <Text size="sm" className={classes.words} dir="auto">
      {turn.text}
    </Text>
  );
}
