import { Button, Group } from "@mantine/core";
import { ArrowUp, MessagesSquare, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { useLocation, useSearch } from "wouter";
import { useSession } from "../session/session.js";
import { PageFrame } from "../shell/page-frame.js";
import { ShowMore } from "../shell/panel.js";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { ConversationTable } from "./conversation-table.js";
import classes from "./conversations.module.css";
import { ConversationFilterBar } from "./conversation-filter-bar.js";
import {
  readConversationFilters,
  variablesOf,
  writeConversationFilters,
  type ConversationFilters,
} from "./conversation-filters.js";
import { useInbox } from "./use-inbox.js";

/** Every conversation that fits the filters of the address; one that begins appears. */
export function InboxPage(): ReactNode {
  const { words, say } = useSpeech();
  const { may } = useSession();
  const readsSensitive = may("CONVERSATIONS_READ_SENSITIVE");
  const [location, navigate] = useLocation();
  const filters = readConversationFilters(useSearch(), readsSensitive);
  const { list, error, news, showNews, showMore, tryAgain } = useInbox({
    ...variablesOf(filters),
    readsSensitive,
  });
  const change = (after: ConversationFilters): void =>
    navigate(`${location}${writeConversationFilters(after)}`);
  const isFiltered = Object.keys(filters).length > 0;
  return (
    <PageFrame title={words.conversations.title} about={words.conversations.about}>
      <ConversationFilterBar filters={filters} onChange={change} />
      <Group justify="center" role="status" className={classes.news}>
        {news > 0 && (
          <Button
            size="xs"
            radius="xl"
            leftSection={<ArrowUp size={14} aria-hidden />}
            onClick={showNews}
          >
            {say(words.conversations.news, { count: news })}
          </Button>
        )}
      </Group>
      {error !== undefined && <Trouble error={error} onTryAgain={tryAgain} />}
      {!list && error === undefined && <Loading />}
      {list?.nodes.length === 0 &&
        (isFiltered ? (
          <Nothing
            Icon={SearchX}
            title={words.conversations.noneFit}
            action={
              <Button variant="default" onClick={() => change({})}>
                {words.filters.clear}
              </Button>
            }
          >
            {words.conversations.noneFitHelp}
          </Nothing>
        ) : (
          <Nothing Icon={MessagesSquare} title={words.conversations.none}>
            {words.conversations.noneHelp}
          </Nothing>
        ))}
      {list && list.nodes.length > 0 && <ConversationTable rows={list.nodes} />}
      {list?.pageInfo.hasNextPage && <ShowMore onClick={showMore} />}
    </PageFrame>
  );
}
