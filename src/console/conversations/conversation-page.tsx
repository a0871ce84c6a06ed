import { Alert, Badge, Button, Group, Stack, Text } from "@mantine/core";
import {
  ArrowLeft,
  BadgeCheck,
  CircleStop,
  Download,
  Lock,
  SearchX,
  UserRoundX,
} from "lucide-react";
import { useMutation } from "@apollo/client/react";
import { useState, type ReactNode } from "react";
import { Link, useLocation, useParams } from "wouter";
import { useHistoryState } from "wouter/use-browser-location";
import { hasCode } from "../api/graphql-client.js";
import { EndConversationDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { PageFrame } from "../shell/page-frame.js";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { ConversationFacts } from "./conversation-facts.js";
import classes from "./conversations.module.css";
import { EraseDialog } from "./erase-dialog.js";
import { isActive } from "./is-active.js";
import { saveFile } from "./save-file.js";
import { StatusBadge } from "./status-badge.js";
import { TranscriptPanel } from "./transcript.js";
import { useTalk, type FollowedTalk } from "./use-talk.js";
import { visitorWord } from "./visitor-name.js";

/** One conversation: what was said, live while it goes on, and what is known beside it. */
export function ConversationPage(): ReactNode {
  const { id = "" } = useParams<{ id: string }>();
  return <Followed key={id} id={id} />;
}

function Followed({ id }: { readonly id: string }): ReactNode {
  const speech = useSpeech();
  const { words } = speech;
  const { may } = useSession();
  const readsSensitive = may("CONVERSATIONS_READ_SENSITIVE");
  const { talk, status, turns, error, refetch } = useTalk(id, readsSensitive);
  if (hasCode(error, "NOT_FOUND", 404) || hasCode(error, "BAD_USER_INPUT", 400)) {
    return (
      <Nothing Icon={SearchX} order={1} title={words.conversations.gone} action={<BackToList />}>
        {words.conversations.goneHelp}
      </Nothing>
    );
  }
  if (!talk || status === undefined) {
    return error === undefined ? (
      <Loading />
    ) : (
      <Trouble error={error} onTryAgain={() => void refetch().catch(() => {})} />
    );
  }
  return (
    <Stack gap="xs" maw="64rem" mx="auto">
      <Group>
        <BackToList />
      </Group>
      <PageFrame
        title={visitorWord(talk.userId, speech)}
        action={
          <Actions
            talk={{ ...talk, status }}
            onEnded={refetch}
            onExport={() => exportTalk({ ...talk, conversation: { messages: [...turns] } })}
          />
        }
      >
        <Group gap="sm">
          <StatusBadge status={status} />
          {talk.userVerified && (
            <Badge variant="default" leftSection={<BadgeCheck size={12} aria-hidden />}>
              {words.conversations.verified}
            </Badge>
          )}
        </Group>
        <div className={classes.columns}>
          {readsSensitive ? (
            <Stack gap="lg">
              {talk.summary && <Summary text={talk.summary} />}
              <TranscriptPanel turns={turns} since={talk.createdAt} isLive={isActive(status)} />
            </Stack>
          ) : (
            <Alert
              icon={<Lock aria-hidden />}
              color="gray"
              title={words.conversations.hiddenTitle}
              className={classes.hidden}
            >
              {words.conversations.hidden}
            </Alert>
          )}
          <Stack gap="md">
            <ConversationFacts talk={talk} />
          </Stack>
        </div>
      </PageFrame>
    </Stack>
  );
}

/** To the list as it was filtered. */
function BackToList(): ReactNode {
  const { words } = useSpeech();
  const { search = "" } = useHistoryState<{ search?: string } | null>() ?? {};
  return (
    <Button
      component={Link}
      href={search === "" ? "/conversations" : `/conversations?${search}`}
      size="compact-sm"
      variant="subtle"
      color="gray"
      c="dimmed"
      leftSection={<ArrowLeft size={16} aria-hidden />}
    >
      {words.conversations.back}
    </Button>
  );
}

function Actions({
  talk,
  onEnded,
  onExport,
}: {
  readonly talk: FollowedTalk;
  readonly onEnded: () => Promise<unknown>;
  readonly onExport: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const { may } = useSession();
  const [, navigate] = useLocation();
  const [question, setQuestion] = useState<Question>();
  const [isErasing, setIsErasing] = useState(false);
  const [endConversation] = useMutation(EndConversationDocument, { fetchPolicy: "no-cache" });
  const askToEnd = (): void =>
    setQuestion({
      title: words.conversations.endTitle,
      text: words.conversations.endHelp,
      action: words.conversations.end,
      perform: async () => {
        await endConversation({ variables: { input: { id: talk.id } } });
        await onEnded();
      },
    });
  const mayManage = may("CONVERSATIONS_MANAGE");
  return (
    <Group gap="xs">
      {mayManage && isActive(talk.status) && (
        <Button
          variant="default"
          leftSection={<CircleStop size={16} aria-hidden />}
          onClick={askToEnd}
        >
          {words.conversations.end}
        </Button>
      )}
      <Button variant="default" leftSection={<Download size={16} aria-hidden />} onClick={onExport}>
        {words.conversations.save}
      </Button>
      {mayManage && (
        <Button
          variant="default"
          c="red"
          leftSection={<UserRoundX size={16} aria-hidden />}
          onClick={() => setIsErasing(true)}
        >
          {words.conversations.erase}
        </Button>
      )}
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
      <EraseDialog
        userId={isErasing ? talk.userId : undefined}
        onClose={() => setIsErasing(false)}
        onErased={() => navigate("/conversations", { replace: true })}
      />
    </Group>
  );
}

function Summary({ text }: { readonly text: string }): ReactNode {
  const { words } = useSpeech();
  return (
    <section className={classes.summary}>
      <Text component="h2" size="sm" fw={600}>
        {words.conversations.summary}
      </Text>
      <Text size="sm" className={classes.words}>
        {text}
      </Text>
    </section>
  );
}

function exportTalk(talk: FollowedTalk): void {
  saveFile(`conversation-${talk.id}.json`, JSON.stringify(talk, null, 2), "application/json");
}
