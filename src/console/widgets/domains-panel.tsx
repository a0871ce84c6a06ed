import { useMutation } from "@apollo/client/react";
import { ActionIcon, Alert, Button, Code, Group, Stack, TextInput } from "@mantine/core";
import { Plus, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { refusedFields } from "../api/say-refusal.js";
import { UpdateWidgetDocument, WidgetAccessDocument } from "../generated/operations.js";
import { submitting } from "../shell/form-actions.js";
import { Panel } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { Trouble } from "../shell/states.js";
import { useDraft } from "../use-draft.js";
import { useSpeech } from "../use-speech.js";
import type { AccessOf } from "./access-of.js";
import { SettingActions } from "./setting-actions.js";
import { useWidgetWords } from "./widget-words.js";

interface DomainsDraft {
  /** As they were typed; undefined: nothing was. */
  readonly rows?: readonly string[];
}

/** The websites that may show the widget. They are shown as the platform has understood them. */
export function DomainsPanel({
  widget: { id, domains },
  manages,
}: {
  readonly widget: AccessOf;
  readonly manages: boolean;
}): ReactNode {
  const { widgetAccess } = useWidgetWords();
  return (
    <Panel id="domains" title={widgetAccess.domains} about={widgetAccess.domainsAbout}>
      {domains.length === 0 && (
        <Alert color="yellow" role="note" className={classes.notice}>
          {widgetAccess.anyDomain}
        </Alert>
      )}
      {manages ? (
        <DomainsForm id={id} domains={domains} />
      ) : (
        <Stack gap="xs" align="flex-start">
          {domains.map((domain) => (
            <Code key={domain}>{domain}</Code>
          ))}
        </Stack>
      )}
    </Panel>
  );
}

function DomainsForm({
  id,
  domains,
}: {
  readonly id: string;
  readonly domains: readonly string[];
}): ReactNode {
  const { say } = useSpeech();
  const { widgetAccess } = useWidgetWords();
  const draft = useDraft<DomainsDraft>(`widget.domains.${id}`, {});
  const [updateWidget, { loading, error, reset, data }] = useMutation(UpdateWidgetDocument, {
    refetchQueries: [WidgetAccessDocument],
    awaitRefetchQueries: true,
  });
  const rows = draft.value.rows ?? domains;
  const change = (after: readonly string[]): void => {
    // What was refused stood in another row, maybe.
    reset();
    draft.change({ rows: after });
  };
  const discard = (): void => {
    reset();
    draft.clear();
  };
  const save = async (): Promise<void> => {
    // An empty row is none. What is refused is told by its place among those that are sent.
    const filled = rows.filter((row) => row.trim() !== "");
    draft.change({ rows: filled });
    await updateWidget({ variables: { input: { id, domains: filled } } });
    draft.clear();
  };
  const refused = new Set(refusedFields(error).flatMap(({ path }) => rowOf(path)));
  return (
    <form noValidate onSubmit={submitting(save)}>
      <Stack gap="md">
        {rows.map((row, index) => (
          // A row is told by where it stands.
          <Group key={index} gap="xs" wrap="nowrap" align="flex-start">
            <TextInput
              flex={1}
              aria-label={say(widgetAccess.domain, { number: index + 1 })}
              inputMode="url"
              autoComplete="off"
              value={row}
              error={refused.has(index) && <span role="alert">{widgetAccess.domainRefused}</span>}
              onChange={({ currentTarget }) => change(rows.with(index, currentTarget.value))}
            />
            <ActionIcon
              size="input-sm"
              variant="subtle"
              color="gray"
              aria-label={say(widgetAccess.removeDomain, { number: index + 1 })}
              onClick={() => change(rows.toSpliced(index, 1))}
            >
              <Trash2 size={16} aria-hidden />
            </ActionIcon>
          </Group>
        ))}
        <Group>
          <Button
            size="xs"
            variant="default"
            leftSection={<Plus size={16} aria-hidden />}
            onClick={() => change([...rows, ""])}
          >
            {widgetAccess.addDomain}
          </Button>
        </Group>
        {error && refused.size === 0 && <Trouble error={error} />}
        <SettingActions
          isChanged={draft.value.rows !== undefined}
          isSaved={data !== undefined && data !== null}
          isBusy={loading}
          onDiscard={discard}
        />
      </Stack>
    </form>
  );
}

/** The place that a refused path names: `domains.2`. */
function rowOf(path: string): number[] {
  const [, place] = /(?:^|\.)domains\.(\d+)$/.exec(path) ?? [];
  return place === undefined ? [] : [Number(place)];
}
