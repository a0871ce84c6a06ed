import { useMutation, useQuery } from "@apollo/client/react";
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { FlaskConical } from "lucide-react";
import { useState, type ReactNode } from "react";
import { Link, useLocation, useParams } from "wouter";
import { hasCode } from "../api/graphql-client.js";
import {
  AgentVersionDocument,
  CreateAgentVersionDocument,
  PublishAgentVersionDocument,
} from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { PageFrame } from "../shell/page-frame.js";
import { Loading, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { useAgentWords } from "./agent-words.js";
import { BelowPage } from "./below-page.js";
import { NoVersion } from "./no-version.js";
import { BesideTry } from "./try-pane.js";
import { PublishDialog, type PublishQuestion } from "./publish-dialog.js";
import { useEnteredVersion } from "./use-entered-version.js";
import { useRestOfWidgets } from "./use-rest-of-widgets.js";
import { useTry, type Trying } from "./use-try.js";
import { VersionEditor, type ShownVersion } from "./version-editor.js";

/** One version of an agent. */
export function VersionPage(): ReactNode {
  const { id = "", version = "" } = useParams<{ id: string; version: string }>();
  // `latest` would make a draft of whoever looks.
  return /^\d{1,9}$/.test(version) ? (
    <Read key={`${id} ${version}`} agentId={id} number={Number(version)} />
  ) : (
    <NoVersion />
  );
}

function Read({
  agentId,
  number,
}: {
  readonly agentId: string;
  readonly number: number;
}): ReactNode {
  const { may } = useSession();
  const { data, error, refetch } = useQuery(AgentVersionDocument, {
    variables: { agentId, version: number, readsWidgets: may("WEB_WIDGETS_READ") },
    fetchPolicy: "cache-and-network",
  });
  useRestOfWidgets(data?.agentVersion?.agent);
  if (hasCode(error, "NOT_FOUND", 404) || hasCode(error, "BAD_USER_INPUT", 400))
    return <NoVersion />;
  if (!data?.agentVersion) {
    return error ? <Trouble error={error} onTryAgain={() => void refetch()} /> : <Loading />;
  }
  return <Shown version={data.agentVersion} schema={data.agentConfigSchema} onAskAgain={refetch} />;
}

function Shown({
  version,
  schema,
  onAskAgain,
}: {
  readonly version: ShownVersion;
  readonly schema: unknown;
  readonly onAskAgain: () => Promise<unknown>;
}): ReactNode {
  const { say } = useSpeech();
  const { agentPages } = useAgentWords();
  const entered = useEnteredVersion(version);
  const trying = useTry(version);
  const { agent, published, agentId } = version;
  const isSaved = !entered.isChanged && entered.wrongJson === "";
  const number = say(agentPages.versionNumber, { version: version.version });
  return (
    <BelowPage href={`/agents/${agentId}`} back={agentPages.backToAgent}>
      <PageFrame
        title={agent ? `${agent.name} · ${number}` : number}
        action={
          <VersionActions
            version={version}
            isSaved={isSaved}
            trying={trying}
            onChanged={onAskAgain}
          />
        }
      >
        <Group gap="sm">
          <Badge color={published ? "teal" : "blue"} variant="light">
            {published ? agentPages.published : agentPages.draft}
          </Badge>
        </Group>
        <BesideTry trying={trying} isSaved={isSaved}>
          <VersionEditor version={version} schema={schema} entered={entered} onStale={onAskAgain} />
        </BesideTry>
      </PageFrame>
    </BelowPage>
  );
}

/** What is done with a version as a whole. */
function VersionActions({
  version,
  isSaved,
  trying,
  onChanged,
}: {
  readonly version: ShownVersion;
  /** Whether what is shown is what is stored. */
  readonly isSaved: boolean;
  readonly trying: Trying;
  readonly onChanged: () => Promise<unknown>;
}): ReactNode {
  const { say } = useSpeech();
  const { agentPages, agentTry } = useAgentWords();
  const { may } = useSession();
  const [, navigate] = useLocation();
  const [question, setQuestion] = useState<PublishQuestion>();
  const [publish] = useMutation(PublishAgentVersionDocument);
  const [copy, copying] = useMutation(CreateAgentVersionDocument);
  const { agentId, version: number, agent, published, config } = version;
  const before = agent?.publishedVersion;
  const ask = (): void =>
    setQuestion({
      agentId,
      title: say(agentPages.publishTitle, { version: number }),
      text: before
        ? say(agentPages.publishHelp, { version: before.version })
        : agentPages.publishFirst,
      action: agentPages.publish,
      ...(before && { before: before.config }),
      after: config,
      widgets: agent?.widgets?.nodes ?? [],
      publish: async () => {
        await publish({ variables: { input: { agentId, version: number } } });
        return version.id;
      },
    });
  const makeCopy = async (): Promise<void> => {
    const from = { baseVersion: number };
    const { data } = await copy({ variables: { input: { agentId, from } } });
    const made = data?.createAgentVersion?.agentVersion;
    if (made) navigate(`/agents/${agentId}/versions/${made.version}`);
  };
  return (
    <Stack gap="xs" align="flex-end">
      <Group gap="sm">
        {before && before.id !== version.id && (
          <Button
            component={Link}
            href={`/agents/${agentId}/compare?from=${before.version}&to=${number}`}
            variant="default"
          >
            {agentPages.compareWithPublished}
          </Button>
        )}
        {may("AGENTS_MANAGE") && (
          <Button
            variant="default"
            leftSection={<FlaskConical size={16} aria-hidden />}
            aria-expanded={trying.isOpen}
            onClick={trying.isOpen ? trying.close : trying.open}
          >
            {agentTry.open}
          </Button>
        )}
        {may("AGENTS_MANAGE") && published && (
          <Button loading={copying.loading} onClick={() => void makeCopy().catch(() => {})}>
            {agentPages.copy}
          </Button>
        )}
        {may("AGENTS_MANAGE") && !published && (
          <Button disabled={!isSaved} onClick={ask}>
            {agentPages.publish}
          </Button>
        )}
      </Group>
      {!published && !isSaved && (
        <Text size="sm" c="dimmed">
          {agentPages.saveFirst}
        </Text>
      )}
      {copying.error && <Trouble error={copying.error} />}
      <PublishDialog
        question={question}
        onClose={() => setQuestion(undefined)}
        onPublished={() => void onChanged()}
      />
    </Stack>
  );
}
