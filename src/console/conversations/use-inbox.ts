import { useApolloClient, useQuery, useSubscription } from "@apollo/client/react";
import { useDocumentVisibility, useInterval } from "@mantine/hooks";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import {
  ConversationsDocument,
  ConversationStartedDocument,
  type ConversationsQueryVariables,
} from "../generated/operations.js";
import { newsIn, withHead, withNext, type ConversationList } from "./inbox-list.js";
import { isActive } from "./is-active.js";

/** What goes on changes its state without a word: it is looked at again. */
const LOOK_AGAIN_MS = 5_000;
/** Whoever has scrolled further reads something that is not to move. */
const AT_TOP_PX = 120;

interface Inbox {
  /** Undefined until it is there. */
  readonly list: ConversationList | undefined;
  readonly error: unknown;
  /** How many have begun that are not shown yet, so that what is read stays where it is. */
  readonly news: number;
  showNews(): void;
  showMore(): void;
  tryAgain(): void;
}

/** The conversations that fit, and those that begin meanwhile. */
export function useInbox(variables: ConversationsQueryVariables): Inbox {
  const client = useApolloClient();
  const { data, error, refetch, fetchMore, updateQuery } = useQuery(ConversationsDocument, {
    variables,
    fetchPolicy: "cache-and-network",
  });
  const list = data?.conversations ?? undefined;
  const key = JSON.stringify(variables);
  const now = useRef({ key, list });
  now.current = { key, list };
  const [held, setHeld] = useState<ConversationList>();
  useEffect(() => setHeld(undefined), [key]);
  const take = useCallback(
    (head: ConversationList) => {
      setHeld(undefined);
      updateQuery(({ conversations }) => ({
        conversations: conversations ? withHead(conversations as ConversationList, head) : head,
      }));
    },
    [updateQuery],
  );
  const look = useCallback(async (): Promise<void> => {
    const asked = JSON.parse(key) as ConversationsQueryVariables;
    const answer = await client
      .query({ query: ConversationsDocument, variables: asked, fetchPolicy: "no-cache" })
      // The next look tells it.
      .catch(() => undefined);
    const head = answer?.data?.conversations;
    const { current } = now;
    if (!head || current.key !== key || !current.list) return;
    if (scrollY <= AT_TOP_PX) take(head);
    else if (newsIn(current.list, head) > 0) setHeld(head);
  }, [client, key, take]);

  // A page that nobody sees holds no connection: browsers have few for a site.
  const isSeen = useDocumentVisibility() !== "hidden";
  useSubscription(ConversationStartedDocument, {
    skip: !isSeen,
    fetchPolicy: "no-cache",
    onData: ({ data: { data: begun } }) => {
      const id = begun?.conversationStarted?.id;
      if (!now.current.list?.nodes.some((row) => row.id === id)) void look();
    },
  });
  const isAnyActive = list?.nodes.some(({ status }) => isActive(status)) ?? false;
  const { start, stop } = useInterval(() => void look(), LOOK_AGAIN_MS);
  useEffect(() => {
    if (isSeen && isAnyActive) start();
    return stop;
  }, [isSeen, isAnyActive, start, stop]);

  return useMemo(
    () => ({
      list,
      error,
      news: held && list ? newsIn(list, held) : 0,
      showNews: () => {
        scrollTo({ top: 0 });
        if (held) take(held);
      },
      showMore: () =>
        void fetchMore({
          variables: { after: list?.pageInfo.endCursor },
          updateQuery: (before, { fetchMoreResult: { conversations: next } }) => ({
            conversations: before.conversations && next && withNext(before.conversations, next),
          }),
        }),
      tryAgain: () => void refetch().catch(() => {}),
    }),
    [list, error, held, take, fetchMore, refetch],
  );
}
