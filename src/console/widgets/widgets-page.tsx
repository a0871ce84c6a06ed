import { useQuery } from "@apollo/client/react";
import { Button } from "@mantine/core";
import { MessageSquareText, Plus } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { WidgetsDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { PageFrame } from "../shell/page-frame.js";
import { ShowMore } from "../shell/panel.js";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { WidgetTable } from "./widget-table.js";

/** The organization's widgets: which of them visitors can talk to, and when one last did. */
export function WidgetsPage(): ReactNode {
  const { words } = useSpeech();
  const { may } = useSession();
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
  const make = may("WEB_WIDGETS_MANAGE") && (
    <Button component={Link} href="/widgets/new" leftSection={<Plus size={16} aria-hidden />}>
      {words.widgets.make}
    </Button>
  );
  return (
    <PageFrame
      title={words.widgets.title}
      about={words.widgets.about}
      action={widgets.length > 0 && make}
    >
      {error && <Trouble error={error} onTryAgain={() => void refetch()} />}
      {loading && !connection && <Loading />}
      {connection && widgets.length === 0 && (
        <Nothing Icon={MessageSquareText} title={words.widgets.none} action={make}>
          {words.widgets.noneHelp}
        </Nothing>
      )}
      {widgets.length > 0 && <WidgetTable widgets={widgets} />}
      {connection?.pageInfo.hasNextPage && <ShowMore onClick={showMore} />}
    </PageFrame>
  );
}
