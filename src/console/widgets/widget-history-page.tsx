import { useMutation, useQuery } from "@apollo/client/react";
import { Accordion, Alert, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { History, Undo2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { useParams } from "wouter";
import { actorName } from "../audit/actor-name.js";
import { useAuditWords } from "../audit/audit-words.js";
import { isAboutField } from "../api/graphql-client.js";
import { ChangesTable } from "../audit/changes-table.js";
import {
  RollBackWidgetDocument,
  WidgetHeadDocument,
  WidgetHistoryDocument,
  type WidgetHistoryQuery,
} from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { ShowMore } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { WidgetFrame } from "./widget-frame.js";
import { useWidgetWords } from "./widget-words.js";

type Revision = NonNullable<
  NonNullable<WidgetHistoryQuery["widget"]>["revisions"]
>["nodes"][number];

/** What a widget was after each of its saves, and the way back. */
export function WidgetHistoryPage(): ReactNode {
  return (
    <WidgetFrame>
      <Revisions />
    </WidgetFrame>
  );
}

function Revisions(): ReactNode {
  const { say } = useSpeech();
  const { widgetHistory } = useWidgetWords();
  const { may } = useSession();
  const { id = "" } = useParams<{ id: string }>();
  const [question, setQuestion] = useState<Question>();
  const [reached, setReached] = useState<number>();
  const [rollBack] = useMutation(RollBackWidgetDocument, { refetchQueries: [WidgetHeadDocument] });
  const { data, error, refetch, fetchMore } = useQuery(WidgetHistoryDocument, {
    variables: { id },
    // What was saved a moment ago is the most wanted.
    fetchPolicy: "cache-and-network",
  });
  const connection = data?.widget?.revisions;
  if (error) return <Trouble error={error} onTryAgain={() => void refetch().catch(() => {})} />;
  if (!connection) return <Loading />;
  const revisions = connection.nodes;
  const ask = ({ number }: Revision): void =>
    setQuestion({
      title: say(widgetHistory.rollBackTitle, { number }),
      text: widgetHistory.rollBackHelp,
      action: widgetHistory.rollBack,
      perform: async () => {
        await rollBack({ variables: { input: { id, revision: number } } });
        await refetch();
        setReached(number);
      },
      refusal: (reason) =>
        ["agentId", "agentVersionId"].some((field) => isAboutField(reason, field))
          ? widgetHistory.agentGone
          : undefined,
    });
  const showMore = (): void =>
    void fetchMore({
      variables: { after: connection.pageInfo.endCursor },
      updateQuery: (before, { fetchMoreResult: { widget: more } }) => ({
        widget: more && {
          ...more,
          revisions: more.revisions && {
            ...more.revisions,
            nodes: [...(before.widget?.revisions?.nodes ?? []), ...more.revisions.nodes],
          },
        },
      }),
    });
  if (revisions.length === 0) {
    return (
      <Nothing Icon={History} title={widgetHistory.none}>
        {widgetHistory.noneHelp}
      </Nothing>
    );
  }
  return (
    <Stack gap="lg">
      <Text c="dimmed">{widgetHistory.about}</Text>
      {reached !== undefined && (
        <Alert color="teal" role="status" className={classes.notice}>
          {say(widgetHistory.rolledBack, { number: reached })}
        </Alert>
      )}
      <Accordion multiple variant="contained" radius="lg" chevronPosition="left">
        {revisions.map((revision, index) => (
          <RevisionItem
            key={revision.id}
            revision={revision}
            isNewest={index === 0}
            onRollBack={may("WEB_WIDGETS_MANAGE") ? () => ask(revision) : undefined}
          />
        ))}
      </Accordion>
      {connection.pageInfo.hasNextPage && <ShowMore onClick={showMore} />}
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </Stack>
  );
}

/** A save as a line that opens into what it has changed. @param onRollBack undefined: the person may not */
function RevisionItem({
  revision: { id, number, at, actor, changes },
  isNewest,
  onRollBack,
}: {
  readonly revision: Revision;
  readonly isNewest: boolean;
  readonly onRollBack: (() => void) | undefined;
}): ReactNode {
  const { say, moment } = useSpeech();
  const { widgetHistory } = useWidgetWords();
  const { auditLog } = useAuditWords();
  return (
    <Accordion.Item value={id}>
      <Accordion.Control>
        <Group justify="space-between" gap="xs">
          <Group gap="xs">
            <Text size="sm" fw={500}>
              {say(widgetHistory.number, { number })}
            </Text>
            <Text size="sm">{actor ? actorName(actor, auditLog) : widgetHistory.older}</Text>
            {isNewest && (
              <Badge color="teal" variant="light" miw="max-content">
                {widgetHistory.now}
              </Badge>
            )}
          </Group>
          <Text size="sm" c="dimmed" component="time" dateTime={at}>
            {moment(at)}
          </Text>
        </Group>
      </Accordion.Control>
      <Accordion.Panel>
        <Stack gap="sm">
          <ChangesTable changes={changes} />
          {!isNewest && onRollBack && (
            <Group>
              <Button
                size="xs"
                variant="default"
                leftSection={<Undo2 size={16} aria-hidden />}
                onClick={onRollBack}
              >
                {widgetHistory.rollBack}
              </Button>
            </Group>
          )}
        </Stack>
      </Accordion.Panel>
    </Accordion.Item>
  );
}
