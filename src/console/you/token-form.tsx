import { useMutation } from "@apollo/client/react";
import { Stack, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { CreatePersonalTokenDocument, YouDocument } from "../generated/operations.js";
import { endOf } from "../keys/key-input.js";
import { useSession } from "../session/session.js";
import { FormActions, submitting } from "../shell/form-actions.js";
import { Trouble } from "../shell/states.js";
import { useDraft } from "../use-draft.js";
import { useSpeech } from "../use-speech.js";

/** @param onMade is given the whole token, which is shown nowhere else. */
export function TokenForm({
  onMade,
  onCancel,
}: {
  readonly onMade: (secret: string) => void;
  readonly onCancel: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const { person } = useSession();
  const draft = useDraft("new-token", { name: "", lastDay: "" });
  const [createToken, { loading, error }] = useMutation(CreatePersonalTokenDocument, {
    client: person,
    // The answer holds the secret, which is nobody's to keep.
    fetchPolicy: "no-cache",
    refetchQueries: [YouDocument],
  });
  const send = async (): Promise<void> => {
    const { name, lastDay } = draft.value;
    const expiresAt = lastDay === "" ? null : endOf(lastDay).toISOString();
    const { data } = await createToken({ variables: { input: { name: name.trim(), expiresAt } } });
    if (!data?.createPersonalToken) return;
    draft.clear();
    onMade(data.createPersonalToken.secret);
  };
  return (
    <form onSubmit={submitting(send)}>
      <Stack gap="md">
        {error && <Trouble error={error} />}
        <TextInput
          label={words.common.name}
          description={words.you.tokenNameHelp}
          required
          withAsterisk={false}
          maxLength={200}
          data-autofocus
          value={draft.value.name}
          onChange={({ currentTarget }) => draft.change({ name: currentTarget.value })}
        />
        <TextInput
          type="date"
          label={words.keys.expires}
          description={words.you.tokenEndsHelp}
          value={draft.value.lastDay}
          onChange={({ currentTarget }) => draft.change({ lastDay: currentTarget.value })}
        />
        <FormActions action={words.you.makeTokenAction} isBusy={loading} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
