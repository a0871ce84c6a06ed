import { useQuery } from "@apollo/client/react";
import { Anchor, Badge, Button, Group, Stack, Table, Text } from "@mantine/core";
import { Bot, Plus } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link } from "wouter";
import { AgentsDocument, type AgentsQuery } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { PageFrame } from "../shell/page-frame.js";
import { ShowMore, TablePanel } from "../shell/panel.js";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { widgetName } from "../widgets/widget-name.js";
import { useAgentWords } from "./agent-words.js";
import { NewAgentDialog } from "./new-agent-dialog.js";
import { VersionLink } from "./version-link.js";

type AgentRow = NonNullable<AgentsQuery["agents"]>["nodes"][number];

/** The organization's agents: what of each is published, what is in the making, and where it answers. */
export function AgentsPage(): ReactNode {
  const { words } = useSpeech();
  const { agentPages } = useAgentWords();
  const { may } = useSession();
  const [isMaking, setIsMaking] = useState(false);
  const { data, error, loading, refetch, fetchMore } = useQuery(AgentsDocument, {
    variables: { readsWidgets: may("WEB_WIDGETS_READ") },
    fetchPolicy: "cache-and-network",
  });
  const connection = data?.agents;
  const agents = connection?.nodes ?? [];
  const showMore = (): void =>
    void fetchMore({
      variables: { after: connection?.pageInfo.endCursor },
      updateQuery: (before, { fetchMoreResult: { agents: more } }) => ({
        agents: more && { ...more, nodes: [...(before.agents?.nodes ?? []), ...more.nodes] },
      }),
    });
  const make = may("AGENTS_MANAGE") && (
    <Button leftSection={<Plus size={16} aria-hidden />} onClick={() => setIsMaking(true)}>
      {agentPages.make}
    </Button>
  );
  return (
    <PageFrame
      title={words.agents.title}
      about={agentPages.about}
      action={agents.length > 0 && make}
    >
      {error && <Trouble error={error} onTryAgain={() => void refetch()} />}
      {loading && !connection && <Loading />}
      {connection && agents.length === 0 && (
        <Nothing Icon={Bot} title={agentPages.none} action={make}>
          {agentPages.noneHelp}
        </Nothing>
      )}
      {agents.length > 0 && <AgentTable agents={agents} />}
      {connection?.pageInfo.hasNextPage && <ShowMore onClick={showMore} />}
      <NewAgentDialog isOpen={isMaking} onClose={() => setIsMaking(false)} />
    </PageFrame>
  );
}

function AgentTable({ agents }: { readonly agents: readonly AgentRow[] }): ReactNode {
  const { ago } = useSpeech();
  const { agentPages } = useAgentWords();
  return (
    <TablePanel
      heads={[agentPages.agent, agentPages.published, agentPages.draft, agentPages.usedBy]}
    >
      {agents.map((agent) => {
        const { id, name, description, active, publishedVersion, draft } = agent;
        return (
          <Table.Tr key={id}>
            <Table.Td>
              <Stack gap={2}>
                <Group gap="xs">
                  <Anchor component={Link} href={`/agents/${id}`} size="sm" fw={500}>
                    {name}
                  </Anchor>
                  {!active && (
                    <Badge color="gray" variant="light">
                      {agentPages.inactive}
                    </Badge>
                  )}
                </Group>
                {description && (
                  <Text size="sm" c="dimmed" lineClamp={2}>
                    {description}
                  </Text>
                )}
              </Stack>
            </Table.Td>
            <Table.Td>
              {publishedVersion ? (
                <VersionLink agentId={id} version={publishedVersion.version}>
                  {publishedVersion.publishedAt ? ago(publishedVersion.publishedAt) : undefined}
                </VersionLink>
              ) : (
                <Text size="sm" c="dimmed">
                  {agentPages.nothingPublished}
                </Text>
              )}
            </Table.Td>
            <Table.Td>
              {draft && (
                <VersionLink agentId={id} version={draft.version}>
                  {ago(draft.updatedAt)}
                </VersionLink>
              )}
            </Table.Td>
            <Table.Td>
              <Text size="sm">{usersOf(agent, agentPages)}</Text>
            </Table.Td>
          </Table.Tr>
        );
      })}
    </TablePanel>
  );
}

function usersOf(
  { widgets, name }: AgentRow,
  words: { readonly unused: string; readonly moreWidgets: string },
): string {
  if (!widgets) return "";
  if (widgets.nodes.length === 0) return words.unused;
  const names = widgets.nodes.map((widget) => widgetName({ ...widget, agent: { name } }));
  return names.join(", ") + (widgets.pageInfo.hasNextPage ? ` ${words.moreWidgets}` : "");
}
