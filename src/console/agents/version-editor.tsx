import { useMutation } from "@apollo/client/react";
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { Lock, TriangleAlert } from "lucide-react";
import { useMemo, useState, type ReactNode } from "react";
import type { Fields } from "../../protocol/read.js";
import { hasCode } from "../api/graphql-client.js";
import { sayRefusal } from "../api/say-refusal.js";
import { UpdateAgentVersionDocument, type AgentVersionQuery } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import shellClasses from "../shell/shell.module.css";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { useAgentWords } from "./agent-words.js";
import classes from "./agents.module.css";
import { ConfigChanges } from "./config-changes.js";
import { ConfigEditor } from "./config-editor.js";
import { refusedPlaces } from "./config-places.js";
import { offeredAt } from "./config-value.js";
import { EditorContext, type EditorState } from "./editor-context.js";
import type { EnteredVersion } from "./use-entered-version.js";
import { warningNotes } from "./warning-words.js";

export type ShownVersion = NonNullable<AgentVersionQuery["agentVersion"]>;

/** What a version says and does: to be changed while it is a draft, to be read afterwards. */
export function VersionEditor({
  version,
  schema,
  entered,
  onStale,
}: {
  readonly version: ShownVersion;
  /** The operator's, in JSON Schema. */
  readonly schema: unknown;
  readonly entered: EnteredVersion;
  /** Told when somebody else has saved it since: it is to be read again. */
  onStale(): Promise<unknown>;
}): ReactNode {
  const speech = useSpeech();
  const { words, say } = speech;
  const { agentPages, agentWarnings } = useAgentWords();
  const { may } = useSession();
  const [update, { loading, error, reset }] = useMutation(UpdateAgentVersionDocument);
  // Some fields keep what is typed as it is typed; they begin anew with what takes its place.
  const [beginnings, setBeginnings] = useState(0);
  const { isReadOnly, config, isChanged, isStale, wrongJson } = entered;
  const problems = useMemo(
    () => refusedPlaces(error, (field) => sayRefusal(field, speech)),
    [error, speech],
  );
  const state: EditorState = {
    isReadOnly,
    warnings: warningNotes(version.warnings, agentWarnings),
    problems,
    offered: (path) => offeredAt(schema, path),
  };
  const beginAnew = (): void => {
    reset();
    entered.forget();
    setBeginnings(beginnings + 1);
  };
  const save = async (): Promise<void> => {
    try {
      await update({
        variables: {
          input: {
            agentId: version.agentId,
            version: version.version,
            config,
            ifUnchangedSince: entered.since,
          },
        },
      });
      entered.forget();
    } catch (reason) {
      if (hasCode(reason, "CONFLICT", 409)) await onStale();
    }
  };
  const count = state.warnings.length;
  return (
    <Stack gap="lg">
      {isReadOnly && (
        <Alert color="gray" icon={<Lock aria-hidden />} className={shellClasses.notice}>
          {may("AGENTS_MANAGE") ? agentPages.readOnly : agentPages.viewerOnly}
        </Alert>
      )}
      {count > 0 && (
        <Alert
          color="yellow"
          icon={<TriangleAlert aria-hidden />}
          title={say(agentPages.noEffect, { count })}
          className={shellClasses.notice}
        >
          {agentPages.noEffectHelp}
        </Alert>
      )}
      {isStale && (
        <SavedSince
          theirs={version.config}
          mine={config}
          onTake={beginAnew}
          onKeep={() => {
            reset();
            entered.keep();
          }}
        />
      )}
      {error && !isStale && problems.length === 0 && <Trouble error={error} />}
      <EditorContext.Provider value={state}>
        <ConfigEditor
          key={beginnings}
          config={config}
          wrongJson={wrongJson}
          onChange={(next: Fields) => entered.change(next)}
          onWrongJson={entered.changeJson}
        />
      </EditorContext.Provider>
      {!isReadOnly && (
        <Group className={classes.bar} justify="space-between" gap="sm">
          <Text
            size="sm"
            c={problems.length > 0 ? "var(--mantine-color-error)" : "dimmed"}
            role="status"
          >
            {problems.length > 0
              ? agentPages.notSaved
              : wrongJson !== ""
                ? agentPages.jsonWrong
                : isChanged
                  ? agentPages.unsaved
                  : agentPages.saved}
          </Text>
          <Group gap="sm">
            {(isChanged || wrongJson !== "") && (
              <Button variant="default" onClick={beginAnew}>
                {agentPages.discard}
              </Button>
            )}
            <Button
              loading={loading}
              disabled={!isChanged || isStale || wrongJson !== ""}
              onClick={() => void save()}
            >
              {words.common.save}
            </Button>
          </Group>
        </Group>
      )}
    </Stack>
  );
}

/** Two have changed one draft: nobody's words go without somebody saying so. */
function SavedSince({
  theirs,
  mine,
  onTake,
  onKeep,
}: {
  readonly theirs: unknown;
  readonly mine: unknown;
  readonly onTake: () => void;
  readonly onKeep: () => void;
}): ReactNode {
  const { agentPages } = useAgentWords();
  return (
    <Alert
      color="orange"
      icon={<TriangleAlert aria-hidden />}
      title={agentPages.savedSince}
      role="alert"
      className={shellClasses.notice}
    >
      <Stack gap="md">
        <Text size="sm">{agentPages.savedSinceHelp}</Text>
        <Text size="sm" fw={500}>
          {agentPages.theirsToYours}
        </Text>
        <ConfigChanges before={theirs} after={mine} />
        <Group gap="sm">
          <Button size="xs" variant="default" onClick={onTake}>
            {agentPages.takeTheirs}
          </Button>
          <Button size="xs" variant="default" onClick={onKeep}>
            {agentPages.keepMine}
          </Button>
        </Group>
      </Stack>
    </Alert>
  );
}
