import { useMutation } from "@apollo/client/react";
import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { useRef, useState, type ReactNode } from "react";
import { UseAgentVersionDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { Dialog } from "../shell/dialog.js";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { widgetName } from "../widgets/widget-name.js";
import { useAgentWords } from "./agent-words.js";
import { ConfigChanges } from "./config-changes.js";

/** What is asked before a version is published. */
export interface PublishQuestion {
  readonly agentId: string;
  readonly title: string;
  readonly text: string;
  readonly action: string;
  /** The config that was published before; absent: none was. */
  readonly before?: unknown;
  readonly after: unknown;
  /** The agent's: they may use the new one at once. */
  readonly widgets: readonly { readonly id: string; readonly config: unknown }[];
  /** @returns the id of the version that is published then */
  publish(): Promise<string>;
}

/** @param question undefined: closed */
export function PublishDialog({
  question,
  onClose,
  onPublished,
}: {
  readonly question: PublishQuestion | undefined;
  readonly onClose: () => void;
  readonly onPublished: () => void;
}): ReactNode {
  return (
    <Dialog title={question?.title} size="xl" onClose={onClose}>
      {question && <Asked question={question} onClose={onClose} onPublished={onPublished} />}
    </Dialog>
  );
}

function Asked({
  question,
  onClose,
  onPublished,
}: {
  readonly question: PublishQuestion;
  readonly onClose: () => void;
  readonly onPublished: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const { agentPages } = useAgentWords();
  const { may } = useSession();
  const widgets = may("WEB_WIDGETS_MANAGE") ? question.widgets : [];
  const [chosen, setChosen] = useState<string[]>(() => widgets.map(({ id }) => id));
  const [use] = useMutation(UseAgentVersionDocument);
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  // What is published is not published again where a widget then failed.
  const publishedId = useRef<string>(undefined);
  const perform = async (): Promise<void> => {
    setIsBusy(true);
    setError(undefined);
    try {
      const agentVersionId = (publishedId.current ??= await question.publish());
      for (const id of chosen) {
        const input = { id, agentId: question.agentId, agentVersionId };
        await use({ variables: { input } });
      }
      onClose();
      onPublished();
    } catch (reason) {
      setError(reason);
      setIsBusy(false);
    }
  };
  return (
    <Stack gap="lg">
      <Text>{question.text}</Text>
      {question.before !== undefined && (
        <ConfigChanges before={question.before} after={question.after} />
      )}
      {widgets.length > 0 && (
        <Checkbox.Group
          label={agentPages.useIn}
          description={agentPages.useInHelp}
          value={chosen}
          onChange={setChosen}
        >
          <Stack gap="xs" mt="xs">
            {widgets.map((widget) => (
              <Checkbox key={widget.id} value={widget.id} label={widgetName(widget)} />
            ))}
          </Stack>
        </Checkbox.Group>
      )}
      {error !== undefined && <Trouble error={error} />}
      <Group justify="flex-end" gap="sm">
        <Button variant="default" onClick={onClose} data-autofocus>
          {words.common.cancel}
        </Button>
        <Button loading={isBusy} onClick={() => void perform()}>
          {question.action}
        </Button>
      </Group>
    </Stack>
  );
}
