import { useQuery, useSubscription } from "@apollo/client/react";
import { useDocumentVisibility } from "@mantine/hooks";
import { useRef, useState } from "react";
import {
  ConversationDocument,
  ConversationEventsDocument,
  type ConversationQuery,
  type ConversationStatus,
  type TurnFragment,
} from "../generated/operations.js";
import { joinTurns } from "./turns.js";

export type FollowedTalk = NonNullable<ConversationQuery["conversation"]>;

interface Followed {
  /** Undefined until it is there. */
  readonly talk: FollowedTalk | undefined;
  /** As it is now. */
  readonly status: ConversationStatus | undefined;
  readonly turns: readonly TurnFragment[];
  readonly error: unknown;
  refetch(): Promise<unknown>;
}

/** A conversation, and what happens in it. What was said is kept nowhere but on the page. */
export function useTalk(id: string, readsSensitive: boolean): Followed {
  const variables = { id, readsSensitive };
  const { data, error, refetch } = useQuery(ConversationDocument, {
    variables,
    fetchPolicy: "no-cache",
  });
  const [told, setTold] = useState<readonly TurnFragment[]>([]);
  const [status, setStatus] = useState<ConversationStatus>();
  const last = useRef<ConversationStatus>(undefined);
  const isSeen = useDocumentVisibility() !== "hidden";
  useSubscription(ConversationEventsDocument, {
    variables,
    skip: !isSeen,
    fetchPolicy: "no-cache",
    onData: ({ data: { data: answer } }) => {
      const event = answer?.conversationEvents;
      if (!event) return;
      const { turn } = event;
      if (turn) setTold((before) => [...before.filter((one) => one.id !== turn.id), turn]);
      setStatus(event.status);
      // Its duration, its summary and its counts follow its status.
      if (last.current !== undefined && last.current !== event.status)
        void refetch().catch(() => {});
      last.current = event.status;
    },
  });
  const talk = data?.conversation ?? undefined;
  return {
    talk,
    status: status ?? talk?.status,
    turns: joinTurns(talk?.conversation?.messages ?? [], told),
    error,
    refetch,
  };
}
