import { useMutation } from "@apollo/client/react";
import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { Plus } from "lucide-react";
import { useState, type ReactNode } from "react";
import { hasPasskeysHere, knowsPasskeys } from "../api/passkeys.js";
import { RemovePasskeyDocument, YouDocument, type YouQuery } from "../generated/operations.js";
import { CONSOLE_PATH } from "../html-facts.js";
import { useSession } from "../session/session.js";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { Dialog } from "../shell/dialog.js";
import { Panel } from "../shell/panel.js";
import { useOptions } from "../sign-in/use-options.js";
import { useSpeech } from "../use-speech.js";
import { NewPasskey, RenamedPasskey } from "./passkey-forms.js";
import { usePasskeyWords } from "./passkey-words.js";

type Passkey = NonNullable<YouQuery["viewer"]>["passkeys"][number];

/** What a person signs in with in place of a password, and why there is none where there can be none. */
export function Passkeys({ passkeys }: { readonly passkeys: readonly Passkey[] }): ReactNode {
  const { passkeys: words } = usePasskeyWords();
  const { say } = useSpeech();
  const { person } = useSession();
  const [isAdding, setIsAdding] = useState(false);
  const [renamed, setRenamed] = useState<Passkey>();
  const [question, setQuestion] = useState<Question>();
  const [removePasskey] = useMutation(RemovePasskeyDocument, {
    client: person,
    refetchQueries: [YouDocument],
    awaitRefetchQueries: true,
  });
  const askToRemove = ({ id, name }: Passkey): void =>
    setQuestion({
      title: say(words.removeTitle, { name }),
      text: words.removeHelp,
      action: words.remove,
      perform: () => removePasskey({ variables: { input: { id } } }),
    });
  const closeName = (): void => setRenamed(undefined);
  return (
    <Panel title={words.title} about={words.about}>
      <Stack gap="md">
        {passkeys.length === 0 && <Text size="sm">{words.none}</Text>}
        {passkeys.map((passkey) => (
          <PasskeyRow
            key={passkey.id}
            passkey={passkey}
            onRename={() => setRenamed(passkey)}
            onRemove={() => askToRemove(passkey)}
          />
        ))}
        <WayToAdd onAdd={() => setIsAdding(true)} />
      </Stack>
      <Dialog title={isAdding ? words.add : undefined} onClose={() => setIsAdding(false)}>
        <NewPasskey onDone={() => setIsAdding(false)} />
      </Dialog>
      <Dialog title={renamed && words.rename} onClose={closeName}>
        {renamed && <RenamedPasskey passkey={renamed} onDone={closeName} />}
      </Dialog>
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </Panel>
  );
}

function PasskeyRow({
  passkey: { name, createdAt, lastUsedAt },
  onRename,
  onRemove,
}: {
  readonly passkey: Passkey;
  readonly onRename: () => void;
  readonly onRemove: () => void;
}): ReactNode {
  const { passkeys: words } = usePasskeyWords();
  const { say, moment } = useSpeech();
  return (
    <Group justify="space-between" gap="sm">
      <Stack gap={2} flex="1 1 12rem">
        <Text size="sm" fw={500}>
          {name}
        </Text>
        <Text size="sm" c="dimmed">
          {say(words.added, { moment: moment(createdAt) })}
          {" · "}
          {lastUsedAt ? say(words.lastUsed, { moment: moment(lastUsedAt) }) : words.neverUsed}
        </Text>
      </Stack>
      <Group gap="xs" wrap="nowrap">
        <Button
          size="xs"
          variant="default"
          aria-label={`${words.rename}: ${name}`}
          onClick={onRename}
        >
          {words.rename}
        </Button>
        <Button
          size="xs"
          variant="default"
          aria-label={`${words.remove}: ${name}`}
          onClick={onRemove}
        >
          {words.remove}
        </Button>
      </Group>
    </Group>
  );
}

function WayToAdd({ onAdd }: { readonly onAdd: () => void }): ReactNode {
  const { passkeys: words } = usePasskeyWords();
  const options = useOptions();
  if (options === undefined) return null;
  if (hasPasskeysHere(options)) {
    return (
      <Group justify="flex-end">
        <Button variant="default" leftSection={<Plus size={16} aria-hidden />} onClick={onAdd}>
          {words.add}
        </Button>
      </Group>
    );
  }
  const { passkeyOrigin } = options;
  if (passkeyOrigin === undefined) return <Text size="sm">{words.nowhere}</Text>;
  if (passkeyOrigin === location.origin && !knowsPasskeys()) {
    return <Text size="sm">{words.unknown}</Text>;
  }
  const address = `${passkeyOrigin}${CONSOLE_PATH}/you`;
  return (
    <Text size="sm">
      {words.elsewhere}{" "}
      <Anchor href={address} underline="always">
        {address}
      </Anchor>
    </Text>
  );
}
