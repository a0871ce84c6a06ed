import { useApolloClient, useQuery } from "@apollo/client/react";
import { Alert, Group, Radio, Stack, Text } from "@mantine/core";
import { Bot } from "lucide-react";
import { useState, type ReactNode } from "react";
import { AgentChoicesDocument, PublishedVersionDocument } from "../generated/operations.js";
import { ShowMore } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import type { StepProps } from "./new-widget-draft.js";
import { useNewWidgetWords } from "./new-widget-words.js";
import { StepForm } from "./step-form.js";

/** Who answers: the agent's newest published version. */
export function AgentStep({ draft, change }: StepProps): ReactNode {
  const { newWidget } = useNewWidgetWords();
  const client = useApolloClient();
  const [isUnpublished, setIsUnpublished] = useState(false);
  const { data, error, refetch, fetchMore } = useQuery(AgentChoicesDocument, {
    fetchPolicy: "cache-and-network",
  });
  const agents = data?.agents;
  const choose = async (): Promise<void> => {
    const { agentId } = draft;
    const answer = await client.query({
      query: PublishedVersionDocument,
      variables: { agentId },
      fetchPolicy: "network-only",
    });
    const version = answer.data?.agentVersions?.nodes[0];
    setIsUnpublished(version === undefined);
    if (version) change({ agentVersionId: version.id, step: 1 });
  };
  const showMore = (): void =>
    void fetchMore({
      variables: { after: agents?.pageInfo.endCursor },
      updateQuery: (before, { fetchMoreResult: { agents: more } }) => ({
        agents: more && { ...more, nodes: [...(before.agents?.nodes ?? []), ...more.nodes] },
      }),
    });
  if (error) return <Trouble error={error} onTryAgain={() => void refetch()} />;
  if (!agents) return <Loading />;
  if (agents.nodes.length === 0) {
    return (
      <Nothing Icon={Bot} title={newWidget.noAgents}>
        {newWidget.noAgentsHelp}
      </Nothing>
    );
  }
  return (
    <StepForm
      title={newWidget.agentTitle}
      about={newWidget.agentAbout}
      perform={choose}
      isReady={agents.nodes.some(({ id }) => id === draft.agentId)}
    >
      <Radio.Group
        aria-label={newWidget.agentTitle}
        value={draft.agentId}
        onChange={(agentId) => {
          setIsUnpublished(false);
          change({ agentId });
        }}
      >
        <Stack gap="sm">
          {agents.nodes.map(({ id, name, description }) => (
            <Radio.Card key={id} value={id} p="md">
              <Group wrap="nowrap" align="flex-start">
                <Radio.Indicator />
                <div>
                  <Text size="sm" fw={500}>
                    {name}
                  </Text>
                  {description && (
                    <Text size="sm" c="dimmed">
                      {description}
                    </Text>
                  )}
                </div>
              </Group>
            </Radio.Card>
          ))}
        </Stack>
      </Radio.Group>
      {agents.pageInfo.hasNextPage && <ShowMore onClick={showMore} />}
      {isUnpublished && (
        <Alert color="yellow" role="alert" className={classes.notice}>
          {newWidget.agentUnpublished}
        </Alert>
      )}
    </StepForm>
  );
}
