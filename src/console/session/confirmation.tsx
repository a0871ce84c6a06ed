import { PasswordInput, Stack, Text } from "@mantine/core";
import { lazy, Suspense, useCallback, useRef, useState, type ReactNode } from "react";
import { callRoute, RouteError } from "../api/console-routes.js";
import { hasPasskeysHere } from "../api/passkeys.js";
import { Dialog } from "../shell/dialog.js";
import { FormActions } from "../shell/form-actions.js";
import { PageBoundary } from "../shell/page-boundary.js";
import { Loading, Trouble } from "../shell/states.js";
import { PasskeyButton } from "../sign-in/passkey-button.js";
import { useAttempt } from "../sign-in/use-attempt.js";
import { useOptions } from "../sign-in/use-options.js";
import { useSpeech } from "../use-speech.js";

/** Before a secret is made or shown, who sits there proves once more who they are (contract section 2). */
interface Confirmation {
  /** Asks, once for all who ask at a time. @returns whether it was proved. */
  confirm(): Promise<boolean>;
  /** What asks. */
  dialog(person: Provable): ReactNode;
}

/** By what a person can prove themselves. */
interface Provable {
  readonly hasPassword: boolean;
  readonly passkeys: readonly unknown[];
  readonly provider?: { readonly name: string; readonly isConnected: boolean } | null;
}

const ProviderProof = lazy(() =>
  import("../provider/provider-proof.js").then((file) => ({ default: file.ProviderProof })),
);

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
    dialog: (person) => (
      <Dialog
        title={isAsking ? words.confirmation.title : undefined}
        isOnTop
        onClose={() => end(false)}
      >
        <Proof person={person} onProved={() => end(true)} onCancel={() => end(false)} />
      </Dialog>
    ),
  };
}

function Proof({
  person: { hasPassword, passkeys, provider },
  onProved,
  onCancel,
}: {
  readonly person: Provable;
  readonly onProved: () => void;
  readonly onCancel: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const options = useOptions();
  const byPasskey = passkeys.length > 0 && hasPasskeysHere(options);
  return (
    <Stack gap="md">
      {byPasskey && !hasPassword && <Text c="dimmed">{words.confirmation.aboutPasskey}</Text>}
      {byPasskey && <PasskeyButton purpose="confirm" onShown={onProved} />}
      {(hasPassword || (options && !byPasskey && !provider?.isConnected)) && (
        <PasswordAgain onProved={onProved} onCancel={onCancel} />
      )}
      {provider?.isConnected && (
        <PageBoundary>
          <Suspense fallback={<Loading />}>
            <ProviderProof name={provider.name} isOneOfTwo={hasPassword || byPasskey} />
          </Suspense>
        </PageBoundary>
      )}
    </Stack>
  );
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
  const isWrong = error instanceof RouteError && error.isAbout("password");
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
