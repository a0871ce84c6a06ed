import { PasswordInput, Stack, Text } from "@mantine/core";
import { useCallback, useRef, useState, type ReactNode } from "react";
import { callRoute, RouteError } from "../api/console-routes.js";
import { Dialog } from "../shell/dialog.js";
import { FormActions } from "../shell/form-actions.js";
import { Trouble } from "../shell/states.js";
import { useAttempt } from "../sign-in/use-attempt.js";
import { useSpeech } from "../use-speech.js";

/** Before a secret is made or shown, who sits there proves once more who they are (contract section 2). */
interface Confirmation {
  /** Asks, once for all who ask at a time. @returns whether it was proved. */
  confirm(): Promise<boolean>;
  /** What asks. */
  readonly dialog: ReactNode;
}

export function useConfirmation(): Confirmation {
  const { words } = useSpeech();
  const [isAsking, setIsAsking] = useState(false);
  const waiting = useRef<((isProved: boolean) => void)[]>([]);
  const confirm = useCallback(
    () =>
      new Promise<boolean>((resolve) => {
        waiting.current.push(resolve);
        setIsAsking(true);
      }),
    [],
  );
  const end = (isProved: boolean): void => {
    for (const resolve of waiting.current.splice(0)) resolve(isProved);
    setIsAsking(false);
  };
  return {
    confirm,
    dialog: (
      <Dialog
        title={isAsking ? words.confirmation.title : undefined}
        isOnTop
        onClose={() => end(false)}
      >
        <PasswordAgain onProved={() => end(true)} onCancel={() => end(false)} />
      </Dialog>
    ),
  };
}

function PasswordAgain({
  onProved,
  onCancel,
}: {
  readonly onProved: () => void;
  readonly onCancel: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const [password, setPassword] = useState("");
  const { isBusy, error, submit } = useAttempt(async () => {
    await callRoute("confirm", { password });
    onProved();
  });
  const isWrong = error instanceof RouteError && error.fields.includes("password");
  const hasNone = error instanceof RouteError && error.status === 409;
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text c="dimmed">{hasNone ? words.confirmation.noPassword : words.confirmation.about}</Text>
        {error !== undefined && !isWrong && !hasNone && <Trouble error={error} />}
        <PasswordInput
          label={words.common.password}
          autoComplete="current-password"
          required
          withAsterisk={false}
          data-autofocus
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          error={isWrong && <span role="alert">{words.you.wrongPassword}</span>}
        />
        <FormActions action={words.confirmation.action} isBusy={isBusy} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
