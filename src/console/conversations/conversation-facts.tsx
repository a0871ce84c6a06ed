import { useQuery } from "@apollo/client/react";
import { Anchor, Group, Paper, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { readFields, readText } from "../../protocol/read.js";
import { OtherConversationsDocument } from "../generated/operations.js";
import { useSpeech } from "../use-speech.js";
import { channelWord, clock, directionWord } from "./conversation-words.js";
import classes from "./conversations.module.css";
import { FactList } from "./fact-list.js";
import { FEEDBACK_KEY } from "./conversation-filters.js";
import { StatusBadge } from "./status-badge.js";
import { entriesOf } from "./turns.js";
import type { FollowedTalk } from "./use-talk.js";
import { useWidgetNames } from "./use-widget-names.js";

/** What is known beside what was said. */
export function ConversationFacts({ talk }: { readonly talk: FollowedTalk }): ReactNode {
  const { words, say, moment } = useSpeech();
  const nameOf = useWidgetNames();
  const { [FEEDBACK_KEY]: feedback, ...metadata } = readFields(talk.customMetadata);
  const { title, url, language } = readFields(readFields(talk.initialContext)["page"]);
  const page = readText(url);
  const milliseconds = (value: number): string =>
    say(words.conversations.milliseconds, { milliseconds: value });
  return (
    <>
      <Facts
        title={words.conversations.one}
        facts={[
          [words.filters.widget, nameOf(talk.webWidgetId)],
          [
            words.filters.agent,
            [talk.agent?.name, talk.agentVersion && `v${talk.agentVersion.version}`]
              .filter(Boolean)
              .join(" · "),
          ],
          [words.filters.channel, channelWord(talk.channel, words)],
          [words.filters.direction, directionWord(talk.direction, words)],
          [words.conversations.began, moment(talk.createdAt)],
          [words.conversations.duration, talk.duration === null ? "–" : clock(talk.duration)],
          [words.conversations.turns, String(talk.userTurnCount)],
          ...(talk.latency
            ? ([
                [words.conversations.p50, milliseconds(talk.latency.p50)],
                [words.conversations.p95, milliseconds(talk.latency.p95)],
              ] as const)
            : []),
          [
            words.conversations.tokens,
            say(words.conversations.tokensRead, {
              read: talk.usage.inputTokens,
              written: talk.usage.outputTokens,
            }),
          ],
        ]}
      />
      <Facts
        title={words.conversations.visitor}
        facts={[
          [words.conversations.identity, talk.userId],
          [
            words.conversations.vouched,
            talk.userVerified ? words.conversations.verified : words.conversations.unverified,
          ],
          ...(page === undefined
            ? []
            : ([[words.conversations.page, readText(title) ?? page]] as const)),
          ...(page === undefined || readText(title) === undefined
            ? []
            : ([[words.conversations.address, page]] as const)),
          ...(readText(language) === undefined
            ? []
            : ([[words.shell.language, readText(language)]] as const)),
          ...entriesOf(talk.identityMetadata),
        ]}
      />
      <Facts title={words.conversations.feedback} facts={entriesOf(feedback)} />
      <Facts title={words.conversations.metadata} facts={entriesOf(metadata)} />
      <Facts title={words.conversations.consent} facts={entriesOf(talk.consent)} />
      <OtherTalks talk={talk} />
    </>
  );
}

/** A matter in a frame; absent where there is nothing to it. */
function Facts({
  title,
  facts,
}: {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: ReactNode])[];
}): ReactNode {
  return (
    facts.length > 0 && (
      <Paper withBorder component="section" p="md">
        <Title order={2} size="h6" mb="sm">
          {title}
        </Title>
        <FactList facts={facts} />
      </Paper>
    )
  );
}

function OtherTalks({ talk }: { readonly talk: FollowedTalk }): ReactNode {
  const { words, moment } = useSpeech();
  const { data } = useQuery(OtherConversationsDocument, {
    variables: { userId: talk.userId },
    fetchPolicy: "cache-and-network",
  });
  const others = data?.conversations?.nodes.filter(({ id }) => id !== talk.id) ?? [];
  if (others.length === 0) return undefined;
  return (
    <Paper withBorder component="section" p="md">
      <Title order={2} size="h6" mb="sm">
        {words.conversations.others}
      </Title>
      <Stack gap="xs">
        {others.map(({ id, status, createdAt }) => (
          <Group key={id} justify="space-between" gap="xs">
            <Anchor
              component={Link}
              href={`/conversations/${id}`}
              size="sm"
              c="inherit"
              underline="always"
            >
              {moment(createdAt)}
            </Anchor>
            <StatusBadge status={status} />
          </Group>
        ))}
        <Text size="sm">
          <Anchor
            component={Link}
            href={`/conversations?${new URLSearchParams({ visitor: talk.userId }).toString()}`}
            c="inherit"
            underline="always"
            className={classes.quiet}
          >
            {words.conversations.allOthers}
          </Anchor>
        </Text>
      </Stack>
    </Paper>
  );
}
