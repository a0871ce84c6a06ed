import { useQuery } from "@apollo/client/react";
import { MessageSquareText } from "lucide-react";
import type { ReactNode } from "react";
import { WidgetsDocument } from "../generated/operations.js";
import { PageFrame } from "../shell/page-frame.js";
import { ShowMore } from "../shell/panel.js";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { WidgetTable } from "./widget-table.js";

/** The organization's widgets: which of them visitors can talk to, and when one last did. */
export function WidgetsPage(): ReactNode {
  const { words } = useSpeech();
  const { data, error, loading, refetch, fetchMore } = useQuery(WidgetsDocument, {
    fetchPolicy: "cache-and-network",
  });
  const connection = data?.widgets;
  const widgets = connection?.nodes ?? [];
  const showMore = (): void =>
    void fetchMore({
      variables: { after: connection?.pageInfo.endCursor },
      updateQuery: (before, { fetchMoreResult: { widgets: more } }) => ({
        widgets: more && { ...more, nodes: [...(before.widgets?.nodes ?? []), ...more.nodes] },
      }),
    });
  return (
    <PageFrame title={words.widgets.title} about={words.widgets.about}>
      {error && <Trouble error={error} onTryAgain={() => void refetch()} />}
      {loading && !connection && <Loading />}
      {connection && widgets.length === 0 && (
        <Nothing Icon={MessageSquareText} title={words.widgets.none}>
          {words.widgets.noneHelp}
        </Nothing>
      )}
      {widgets.length > 0 && <WidgetTable widgets={widgets} />}
      {connection?.pageInfo.hasNextPage && <ShowMore onClick={showMore} />}
    </PageFrame>
  );
}
