import { Group, Table, Text, VisuallyHidden } from "@mantine/core";
import { Star } from "lucide-react";
import type { ReactNode } from "react";
import { Link, useSearch } from "wouter";
import { TablePanel } from "../shell/panel.js";
import shell from "../shell/shell.module.css";
import { useSpeech } from "../use-speech.js";
import { channelWord, clock } from "./conversation-words.js";
import classes from "./conversations.module.css";
import { FEEDBACK_KEY } from "./conversation-filters.js";
import type { ConversationRow } from "./inbox-list.js";
import { StatusBadge } from "./status-badge.js";
import { useWidgetNames } from "./use-widget-names.js";
import { VisitorName } from "./visitor-name.js";

/** Conversations, each a way to what was said in it. */
export function ConversationTable({
  rows,
}: {
  readonly rows: readonly ConversationRow[];
}): ReactNode {
  const { words, moment } = useSpeech();
  const search = useSearch();
  const nameOf = useWidgetNames();
  return (
    <TablePanel
      heads={[
        words.conversations.visitor,
        words.filters.status,
        words.filters.widget,
        words.conversations.began,
        words.conversations.duration,
        words.conversations.turns,
        <VisuallyHidden key="feedback">{words.conversations.feedback}</VisuallyHidden>,
      ]}
    >
      {rows.map((row) => (
        <Table.Tr key={row.id} className={classes.row}>
          <Table.Td className={classes.who}>
            <Link
              href={`/conversations/${row.id}`}
              // The way back leads to the same list.
              state={{ search }}
              className={classes.open}
            >
              <VisitorName userId={row.userId} isVerified={row.userVerified} />
            </Link>
          </Table.Td>
          <Table.Td>
            <StatusBadge status={row.status} />
          </Table.Td>
          <Table.Td className={classes.where}>
            <Text size="sm" truncate>
              {nameOf(row.webWidgetId)}
            </Text>
            <Text size="xs" c="dimmed" truncate>
              {[row.agent?.name, channelWord(row.channel, words)].filter(Boolean).join(" · ")}
            </Text>
          </Table.Td>
          <Table.Td className={shell.date}>{moment(row.createdAt)}</Table.Td>
          <Table.Td className={classes.number}>
            {row.duration === null ? "–" : clock(row.duration)}
          </Table.Td>
          <Table.Td className={classes.number}>{row.userTurnCount}</Table.Td>
          <Table.Td>{hasFeedback(row) && <FeedbackMark />}</Table.Td>
        </Table.Tr>
      ))}
    </TablePanel>
  );
}

function FeedbackMark(): ReactNode {
  const { words } = useSpeech();
  return (
    <Group gap={0} title={words.conversations.feedback}>
      <Star size={16} aria-hidden className={classes.star} />
      <VisuallyHidden>{words.conversations.hasFeedback}</VisuallyHidden>
    </Group>
  );
}

function hasFeedback({ customMetadata }: ConversationRow): boolean {
  return customMetadata?.[FEEDBACK_KEY] !== undefined;
}
