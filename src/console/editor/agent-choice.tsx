import { useQuery } from "@apollo/client/react";
import { Select } from "@mantine/core";
import type { ReactNode } from "react";
import { AgentChoicesDocument, AgentVersionChoicesDocument } from "../generated/operations.js";
import { Loading, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { useEditorWords } from "./editor-words.js";

/** Who answers. Another agent answers by its newest version until another one is chosen. */
export function AgentChoice({
  agentId,
  agentVersionId,
  errorOf,
  onChange,
}: {
  readonly agentId: string;
  /** "" while none is chosen. */
  readonly agentVersionId: string;
  errorOf(field: "agentId" | "agentVersionId"): string | undefined;
  onChange(agent: { agentId: string; agentVersionId: string }): void;
}): ReactNode {
  const { say } = useSpeech();
  const { editor } = useEditorWords();
  const agents = useQuery(AgentChoicesDocument);
  const versions = useQuery(AgentVersionChoicesDocument, { variables: { agentId } });
  const error = agents.error ?? versions.error;
  if (error) return <Trouble error={error} onTryAgain={() => void agents.refetch()} />;
  if (!agents.data) return <Loading />;
  const nodes = versions.data?.agentVersions?.nodes ?? [];
  return (
    <>
      <Select
        label={editor.agent}
        searchable
        allowDeselect={false}
        value={agentId}
        error={errorOf("agentId")}
        data={(agents.data.agents?.nodes ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(id) => {
          if (id !== null && id !== agentId) onChange({ agentId: id, agentVersionId: "" });
        }}
      />
      <Select
        label={editor.version}
        description={editor.versionHelp}
        allowDeselect={false}
        value={agentVersionId === "" ? null : agentVersionId}
        error={errorOf("agentVersionId") ?? (agentVersionId === "" && editor.chooseVersion)}
        data={nodes.map(({ id, version, published }) => ({
          value: id,
          label: say(published ? editor.versionNumber : editor.versionUnpublished, {
            number: String(version),
          }),
        }))}
        onChange={(id) => {
          if (id !== null) onChange({ agentId, agentVersionId: id });
        }}
      />
    </>
  );
}
