import { Alert, Button, Stack } from "@mantine/core";
import { Fingerprint } from "lucide-react";
import type { ReactNode } from "react";
import { RouteError } from "../api/console-routes.js";
import { showPasskey } from "../api/passkeys.js";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { useAttempt } from "./use-attempt.js";

/** @param onShown is called once the passkey was good */
export function PasskeyButton({
  purpose,
  onShown,
}: {
  readonly purpose: "sign_in" | "confirm";
  readonly onShown: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const { isBusy, error, submit } = useAttempt(async () => {
    await showPasskey(purpose);
    onShown();
  });
  const isRefused = error instanceof RouteError && error.status === 401;
  return (
    <Stack gap="sm">
      {isRefused && (
        <Alert color="red" role="alert">
          {words.signIn.passkeyRefused}
        </Alert>
      )}
      {error !== undefined && !isRefused && <Trouble error={error} />}
      <Button
        variant="default"
        leftSection={<Fingerprint size={16} aria-hidden />}
        loading={isBusy}
        onClick={submit}
      >
        {purpose === "sign_in" ? words.signIn.passkey : words.confirmation.passkey}
      </Button>
    </Stack>
  );
}
