import { Button, Stack, Text, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { callRoute, RouteError } from "../api/console-routes.js";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { Door } from "./door.js";
import { useAttempt } from "./use-attempt.js";

/** The second step of who has an authenticator app. @param onSignedIn is called once the code was good */
export function CodeForm({ onSignedIn }: { readonly onSignedIn: () => void }): ReactNode {
  const { words } = useSpeech();
  const [code, setCode] = useState("");
  const { isBusy, error, submit } = useAttempt(async () => {
    await callRoute("second-factor", { code: code.trim() });
    onSignedIn();
  });
  const isWrong = error instanceof RouteError && error.status === 401;
  return (
    <Door title={words.signIn.codeTitle}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text c="dimmed">{words.signIn.codeAbout}</Text>
          {error !== undefined && !isWrong && <Trouble error={error} />}
          <TextInput
            label={words.signIn.code}
            autoComplete="one-time-code"
            autoFocus
            required
            withAsterisk={false}
            maxLength={40}
            value={code}
            onChange={({ currentTarget }) => setCode(currentTarget.value)}
            error={isWrong && <span role="alert">{words.signIn.wrongCode}</span>}
          />
          <Button type="submit" loading={isBusy}>
            {words.signIn.action}
          </Button>
        </Stack>
      </form>
    </Door>
  );
}
