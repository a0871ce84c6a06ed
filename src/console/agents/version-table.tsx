import { useApolloClient, useMutation } from "@apollo/client/react";
import { Badge, Button, Group, Table, Text, VisuallyHidden } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import {
  CreateAgentVersionDocument,
  PublishAgentVersionDocument,
  VersionConfigDocument,
} from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { TablePanel } from "../shell/panel.js";
import shellClasses from "../shell/shell.module.css";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { widgetName } from "../widgets/widget-name.js";
import { useAgentWords } from "./agent-words.js";
import { PublishDialog, type PublishQuestion } from "./publish-dialog.js";
import type { ShownAgent } from "./shown-agent.js";
import { VersionLink } from "./version-link.js";

type VersionRow = NonNullable<ShownAgent["versions"]>["nodes"][number];

/** The versions of an agent, each with the widgets that use it, and the way back to it. */
export function VersionTable({
  agent,
  versions,
  onChanged,
}: {
  readonly agent: ShownAgent;
  readonly versions: readonly VersionRow[];
  readonly onChanged: () => Promise<unknown>;
}): ReactNode {
  const { words, moment } = useSpeech();
  const { agentPages } = useAgentWords();
  const { may } = useSession();
  const { question, close, error, ask } = useRollBack(agent);
  const [, navigate] = useLocation();
  const [copy, copying] = useMutation(CreateAgentVersionDocument);
  const makeCopy = async (baseVersion: number): Promise<void> => {
    const { data } = await copy({
      variables: { input: { agentId: agent.id, from: { baseVersion } } },
    });
    const made = data?.createAgentVersion?.agentVersion;
    if (made) navigate(`/agents/${agent.id}/versions/${made.version}`);
  };
  return (
    <>
      {error !== undefined && <Trouble error={error} />}
      {copying.error && <Trouble error={copying.error} />}
      <TablePanel
        heads={[
          agentPages.version,
          agentPages.state,
          agentPages.changed,
          agentPages.usedBy,
          <VisuallyHidden key="actions">{words.common.actions}</VisuallyHidden>,
        ]}
      >
        {versions.map((version) => {
          const isOlder = version.published && version.id !== agent.publishedVersion?.id;
          const number = version.version;
          return (
            <Table.Tr key={version.id}>
              <Table.Td>
                <VersionLink agentId={agent.id} version={number} />
              </Table.Td>
              <Table.Td>
                <Badge color={version.published ? "teal" : "blue"} variant="light">
                  {version.published ? agentPages.published : agentPages.draft}
                </Badge>
              </Table.Td>
              <Table.Td className={shellClasses.date}>
                {moment(version.publishedAt ?? version.updatedAt)}
              </Table.Td>
              <Table.Td>
                <Text size="sm">{widgetsOf(version.id, agent, agentPages)}</Text>
              </Table.Td>
              <Table.Td>
                {may("AGENTS_MANAGE") && (
                  <Group gap="xs" justify="flex-end" wrap="nowrap">
                    {isOlder && (
                      <Button
                        size="xs"
                        variant="default"
                        aria-label={`${agentPages.rollBack}: ${number}`}
                        onClick={() => void ask(number)}
                      >
                        {agentPages.rollBack}
                      </Button>
                    )}
                    {version.published && (
                      <Button
                        size="xs"
                        variant="subtle"
                        loading={copying.loading}
                        aria-label={`${agentPages.copy}: ${number}`}
                        onClick={() => void makeCopy(number).catch(() => {})}
                      >
                        {agentPages.copy}
                      </Button>
                    )}
                  </Group>
                )}
              </Table.Td>
            </Table.Tr>
          );
        })}
      </TablePanel>
      <PublishDialog question={question} onClose={close} onPublished={() => void onChanged()} />
    </>
  );
}

/** Back to an older version: a new one, made from it and published. */
function useRollBack(agent: ShownAgent) {
  const { say } = useSpeech();
  const { agentPages } = useAgentWords();
  const client = useApolloClient();
  const [create] = useMutation(CreateAgentVersionDocument);
  const [publish] = useMutation(PublishAgentVersionDocument);
  const [question, setQuestion] = useState<PublishQuestion>();
  const [error, setError] = useState<unknown>();
  const agentId = agent.id;
  const goBack = async (baseVersion: number): Promise<string> => {
    const made = await create({ variables: { input: { agentId, from: { baseVersion } } } });
    const version = made.data?.createAgentVersion?.agentVersion;
    if (!version) throw new Error("The new version was not answered.");
    await publish({ variables: { input: { agentId, version: version.version } } });
    return version.id;
  };
  const ask = async (version: number): Promise<void> => {
    setError(undefined);
    try {
      const { data } = await client.query({
        query: VersionConfigDocument,
        variables: { agentId, version },
      });
      setQuestion({
        agentId,
        title: say(agentPages.rollBackTitle, { version }),
        text: agentPages.rollBackHelp,
        action: agentPages.rollBack,
        before: agent.publishedVersion?.config,
        after: data?.agentVersion?.config,
        widgets: agent.widgets?.nodes ?? [],
        publish: () => goBack(version),
      });
    } catch (reason) {
      setError(reason);
    }
  };
  return { question, error, ask, close: () => setQuestion(undefined) };
}

function widgetsOf(
  versionId: string,
  { name, widgets }: ShownAgent,
  words: { readonly unused: string; readonly moreWidgets: string },
): string {
  const names = (widgets?.nodes ?? [])
    .filter(({ agentVersionId }) => agentVersionId === versionId)
    .map((widget) => widgetName({ ...widget, agent: { name } }));
  // While they are being read, nobody knows whether one that is to come uses it.
  if (widgets?.pageInfo.hasNextPage) return [names.join(", "), words.moreWidgets].join(" ").trim();
  return names.join(", ") || words.unused;
}
