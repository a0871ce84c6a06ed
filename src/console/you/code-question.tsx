import { Stack, Text, TextInput } from "@mantine/core";
import { useState, type FormEvent, type ReactNode } from "react";
import { isAboutField } from "../api/graphql-client.js";
import { FormActions } from "../shell/form-actions.js";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";

/** Asks for a code of an authenticator app. @param error what the last one failed with */
export function CodeQuestion({
  about,
  action,
  error,
  onCode,
  onCancel,
}: {
  readonly about: string;
  readonly action: string;
  readonly error: unknown;
  readonly onCode: (code: string) => Promise<void>;
  readonly onCancel: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const [code, setCode] = useState("");
  const [isBusy, setIsBusy] = useState(false);
  const isWrong = isAboutField(error, "code");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsBusy(true);
    onCode(code.trim())
      // What it fails with comes as `error`.
      .catch(() => {})
      .finally(() => setIsBusy(false));
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text size="sm">{about}</Text>
        {error !== undefined && error !== null && !isWrong && <Trouble error={error} />}
        <TextInput
          label={words.signIn.code}
          autoComplete="one-time-code"
          required
          withAsterisk={false}
          maxLength={40}
          data-autofocus
          value={code}
          onChange={({ currentTarget }) => setCode(currentTarget.value)}
          error={isWrong && <span role="alert">{words.signIn.wrongCode}</span>}
        />
        <FormActions action={action} isBusy={isBusy} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
