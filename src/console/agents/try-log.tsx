import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import { isActive } from "../conversations/is-active.js";
import { TranscriptPanel } from "../conversations/transcript.js";
import { useTalk } from "../conversations/use-talk.js";
import { useSession } from "../session/session.js";
import { Loading, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";

/** What happens in a test, as it happens: what was said, tools with what they were called with, and how long it took. */
export function TryLog({ conversationId }: { readonly conversationId: string }): ReactNode {
  const { words } = useSpeech();
  const { may } = useSession();
  return may("CONVERSATIONS_READ_SENSITIVE") ? (
    <Followed id={conversationId} />
  ) : (
    <Text size="sm" c="dimmed">
      {words.conversations.hidden}
    </Text>
  );
}

function Followed({ id }: { readonly id: string }): ReactNode {
  const { talk, status, turns, error, refetch } = useTalk(id, true);
  if (talk && status !== undefined)
    return <TranscriptPanel turns={turns} since={talk.createdAt} isLive={isActive(status)} />;
  return error === undefined ? (
    <Loading />
  ) : (
    <Trouble error={error} onTryAgain={() => void refetch().catch(() => {})} />
  );
}
