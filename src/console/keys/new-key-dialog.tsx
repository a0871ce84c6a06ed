import { useMutation } from "@apollo/client/react";
import { Checkbox, Stack, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { CreateApiKeyDocument, type Scope } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { Dialog } from "../shell/dialog.js";
import { FormActions, submitting } from "../shell/form-actions.js";
import { ShownOnce } from "../shell/shown-once.js";
import { Trouble } from "../shell/states.js";
import { useDraft } from "../use-draft.js";
import { useSpeech } from "../use-speech.js";
import { keyInput, problemsOf, type KeyDraft } from "./key-input.js";
import { OFFERED_SCOPES, scopeWord } from "./scope-words.js";

const EMPTY: KeyDraft = { name: "", scopes: [], lastDay: "" };

/** Makes a key, and shows its secret until it is closed: it is shown nowhere else. */
export function NewKeyDialog({
  isOpen,
  onClose,
  onMade,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onMade: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const [secret, setSecret] = useState<string>();
  const title = secret === undefined ? words.keys.make : words.keys.secretTitle;
  const close = (): void => {
    setSecret(undefined);
    onClose();
  };
  return (
    <Dialog title={isOpen ? title : undefined} isHeld={secret !== undefined} onClose={close}>
      {secret === undefined ? (
        <KeyForm
          onMade={(made) => {
            setSecret(made);
            onMade();
          }}
          onCancel={close}
        />
      ) : (
        <ShownOnce label={words.keys.secret} value={secret} onClose={close} />
      )}
    </Dialog>
  );
}

function KeyForm({
  onMade,
  onCancel,
}: {
  readonly onMade: (secret: string) => void;
  readonly onCancel: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const { may, membership } = useSession();
  const draft = useDraft(`new-key.${membership.organization.id}`, EMPTY);
  const [wasSent, setWasSent] = useState(false);
  const [createKey, { loading, error }] = useMutation(CreateApiKeyDocument, {
    // The answer holds the secret, which is nobody's to keep.
    fetchPolicy: "no-cache",
  });
  const problems = problemsOf(draft.value, new Date());
  const problem = (field: keyof KeyDraft): string | undefined => {
    const key = problems[field];
    return wasSent && key ? words.keys[key] : undefined;
  };
  const send = async (): Promise<void> => {
    setWasSent(true);
    if (Object.keys(problems).length > 0) return;
    const { data } = await createKey({ variables: { input: keyInput(draft.value) } });
    if (!data?.createApiKey) return;
    draft.clear();
    onMade(data.createApiKey.secret);
  };
  return (
    <form noValidate onSubmit={submitting(send)}>
      <Stack gap="md">
        {error && <Trouble error={error} />}
        <TextInput
          label={words.common.name}
          description={words.keys.nameHelp}
          required
          withAsterisk={false}
          maxLength={200}
          data-autofocus
          value={draft.value.name}
          onChange={({ currentTarget }) => draft.change({ name: currentTarget.value })}
          error={problem("name")}
        />
        <Checkbox.Group
          label={words.keys.scopes}
          value={draft.value.scopes}
          onChange={(scopes) => draft.change({ scopes: scopes as Scope[] })}
          error={problem("scopes")}
        >
          <Stack gap="xs" mt="xs">
            {/* Nobody gives away more than they have. */}
            {OFFERED_SCOPES.filter(may).map((scope) => (
              <Checkbox key={scope} value={scope} label={scopeWord(scope, words)} />
            ))}
          </Stack>
        </Checkbox.Group>
        <TextInput
          type="date"
          label={words.keys.expires}
          description={words.keys.expiresHelp}
          value={draft.value.lastDay}
          onChange={({ currentTarget }) => draft.change({ lastDay: currentTarget.value })}
          error={problem("lastDay")}
        />
        <FormActions action={words.keys.makeAction} isBusy={loading} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
