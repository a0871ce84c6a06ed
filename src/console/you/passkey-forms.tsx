import { useMutation } from "@apollo/client/react";
import { Stack, Text, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { makePasskey } from "../api/passkeys.js";
import {
  ConfirmPasskeyDocument,
  RenamePasskeyDocument,
  StartPasskeyDocument,
  YouDocument,
} from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { FormActions } from "../shell/form-actions.js";
import { Trouble } from "../shell/states.js";
import { useAttempt } from "../sign-in/use-attempt.js";
import { useDraft } from "../use-draft.js";
import { useSpeech } from "../use-speech.js";
import { usePasskeyWords } from "./passkey-words.js";

/** Has an authenticator make one, which is the person's once the platform was shown it. */
export function NewPasskey({ onDone }: { readonly onDone: () => void }): ReactNode {
  const { passkeys: words } = usePasskeyWords();
  const { person } = useSession();
  const draft = useDraft("new-passkey", { name: "" });
  const [startPasskey] = useMutation(StartPasskeyDocument, {
    client: person,
    fetchPolicy: "no-cache",
  });
  const [confirmPasskey] = useMutation(ConfirmPasskeyDocument, {
    client: person,
    refetchQueries: [YouDocument],
    awaitRefetchQueries: true,
  });
  const add = async (name: string): Promise<void> => {
    const { data } = await startPasskey({ variables: { input: { name } } });
    if (!data?.startPasskey) return;
    const response = await makePasskey(data.startPasskey.options);
    await confirmPasskey({ variables: { input: { name, response } } });
    draft.clear();
    onDone();
  };
  return (
    <NameQuestion
      about={words.addAbout}
      action={words.addAction}
      name={draft.value.name}
      onChange={(name) => draft.change({ name })}
      onName={add}
      onCancel={onDone}
    />
  );
}

/** @param passkey with the name that it has */
export function RenamedPasskey({
  passkey,
  onDone,
}: {
  readonly passkey: { readonly id: string; readonly name: string };
  readonly onDone: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const { person } = useSession();
  const [name, setName] = useState(passkey.name);
  const [renamePasskey] = useMutation(RenamePasskeyDocument, { client: person });
  return (
    <NameQuestion
      action={words.common.save}
      name={name}
      onChange={setName}
      onName={async (chosen) => {
        await renamePasskey({ variables: { input: { id: passkey.id, name: chosen } } });
        onDone();
      }}
      onCancel={onDone}
    />
  );
}

function NameQuestion({
  about,
  action,
  name,
  onChange,
  onName,
  onCancel,
}: {
  readonly about?: string;
  readonly action: string;
  readonly name: string;
  readonly onChange: (name: string) => void;
  readonly onName: (name: string) => Promise<void>;
  readonly onCancel: () => void;
}): ReactNode {
  const { passkeys: words } = usePasskeyWords();
  const { common } = useSpeech().words;
  const { isBusy, error, submit } = useAttempt(() => onName(name.trim()));
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {about !== undefined && <Text size="sm">{about}</Text>}
        {error !== undefined && <Trouble error={error} />}
        <TextInput
          label={common.name}
          description={words.nameHelp}
          required
          withAsterisk={false}
          maxLength={200}
          data-autofocus
          value={name}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
        <FormActions action={action} isBusy={isBusy} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
