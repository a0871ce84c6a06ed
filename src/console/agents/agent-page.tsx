import { useMutation, useQuery } from "@apollo/client/react";
import { Button, Group } from "@mantine/core";
import { Layers, Plus, Trash2 } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link, useLocation, useParams } from "wouter";
import { hasCode } from "../api/graphql-client.js";
import {
  AgentVersionsDocument,
  CreateAgentVersionDocument,
  DeleteAgentDocument,
} from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { PageFrame } from "../shell/page-frame.js";
import { ShowMore } from "../shell/panel.js";
import { Loading, Nothing, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { AgentSettingsDialog } from "./agent-settings-dialog.js";
import { useAgentWords } from "./agent-words.js";
import { BelowPage } from "./below-page.js";
import type { ShownAgent } from "./shown-agent.js";
import { NoVersion } from "./no-version.js";
import { useRestOfWidgets } from "./use-rest-of-widgets.js";
import { VersionTable } from "./version-table.js";

/** One agent: its versions, newest first, and which widgets use which. */
export function AgentPage(): ReactNode {
  const { id = "" } = useParams<{ id: string }>();
  const { may } = useSession();
  const { data, error, refetch, fetchMore } = useQuery(AgentVersionsDocument, {
    variables: { id, readsWidgets: may("WEB_WIDGETS_READ") },
    fetchPolicy: "cache-and-network",
  });
  useRestOfWidgets(data?.agent);
  if (hasCode(error, "NOT_FOUND", 404) || hasCode(error, "BAD_USER_INPUT", 400))
    return <NoVersion />;
  const agent = data?.agent;
  if (!agent)
    return error ? <Trouble error={error} onTryAgain={() => void refetch()} /> : <Loading />;
  const showMore = (): void =>
    void fetchMore({
      variables: { after: agent.versions?.pageInfo.endCursor },
      updateQuery: (before, { fetchMoreResult: { agent: more } }) => ({
        agent: more?.versions
          ? {
              ...more,
              versions: {
                ...more.versions,
                nodes: [...(before.agent?.versions?.nodes ?? []), ...more.versions.nodes],
              },
            }
          : (before.agent ?? null),
      }),
    });
  return <Shown key={id} agent={agent} onChanged={refetch} onMore={showMore} />;
}

function Shown({
  agent,
  onChanged,
  onMore,
}: {
  readonly agent: ShownAgent;
  readonly onChanged: () => Promise<unknown>;
  readonly onMore: () => void;
}): ReactNode {
  const { agentPages } = useAgentWords();
  const { may } = useSession();
  const [, navigate] = useLocation();
  const [create, creating] = useMutation(CreateAgentVersionDocument);
  const versions = agent.versions?.nodes ?? [];
  const [newest] = versions;
  const makeDraft = async (): Promise<void> => {
    const from = newest ? { baseVersion: newest.version } : { config: {} };
    const { data } = await create({ variables: { input: { agentId: agent.id, from } } });
    const made = data?.createAgentVersion?.agentVersion;
    if (made) navigate(`/agents/${agent.id}/versions/${made.version}`);
  };
  const make = may("AGENTS_MANAGE") && (
    <Button
      leftSection={<Plus size={16} aria-hidden />}
      loading={creating.loading}
      onClick={() => void makeDraft().catch(() => {})}
    >
      {agentPages.firstDraft}
    </Button>
  );
  return (
    <BelowPage href="/agents" back={agentPages.back}>
      <PageFrame
        title={agent.name}
        {...(agent.description && { about: agent.description })}
        action={
          <Group gap="sm">
            <AgentActions agent={agent} />
            {newest && make}
          </Group>
        }
      >
        {creating.error && <Trouble error={creating.error} />}
        {newest ? (
          <VersionTable agent={agent} versions={versions} onChanged={onChanged} />
        ) : (
          <Nothing Icon={Layers} title={agentPages.noVersions} action={make}>
            {agentPages.noVersionsHelp}
          </Nothing>
        )}
        {agent.versions?.pageInfo.hasNextPage && <ShowMore onClick={onMore} />}
      </PageFrame>
    </BelowPage>
  );
}

/** What is done with the agent as a whole. */
function AgentActions({ agent }: { readonly agent: ShownAgent }): ReactNode {
  const { say } = useSpeech();
  const { agentPages } = useAgentWords();
  const { may } = useSession();
  const [, navigate] = useLocation();
  const [isSetting, setIsSetting] = useState(false);
  const [question, setQuestion] = useState<Question>();
  const [remove] = useMutation(DeleteAgentDocument);
  const [newest, second] = agent.versions?.nodes ?? [];
  const askToRemove = (): void =>
    setQuestion({
      title: say(agentPages.removeTitle, { name: agent.name }),
      text: agentPages.removeHelp,
      action: agentPages.remove,
      perform: async () => {
        await remove({ variables: { input: { id: agent.id } } });
        navigate("/agents");
      },
    });
  return (
    <>
      {newest && second && (
        <Button
          component={Link}
          href={`/agents/${agent.id}/compare?from=${second.version}&to=${newest.version}`}
          variant="default"
        >
          {agentPages.compare}
        </Button>
      )}
      {may("AGENTS_MANAGE") && (
        <>
          <Button variant="default" onClick={() => setIsSetting(true)}>
            {agentPages.rename}
          </Button>
          <Button
            variant="subtle"
            color="red"
            leftSection={<Trash2 size={16} aria-hidden />}
            onClick={askToRemove}
          >
            {agentPages.remove}
          </Button>
        </>
      )}
      <AgentSettingsDialog agent={agent} isOpen={isSetting} onClose={() => setIsSetting(false)} />
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </>
  );
}
