import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { lazy, Suspense, useState, type ReactNode } from "react";
import { useLocation, useSearch } from "wouter";
import { OIDC_RESULT } from "../../protocol/console-api.js";
import { callRoute, RouteError } from "../api/console-routes.js";
import { hasPasskeysHere } from "../api/passkeys.js";
import { PageBoundary } from "../shell/page-boundary.js";
import { Trouble } from "../shell/states.js";
import { useDraft } from "../use-draft.js";
import { useSpeech } from "../use-speech.js";
import { CodeForm } from "./code-form.js";
import { Door } from "./door.js";
import { PasskeyButton } from "./passkey-button.js";
import { returnTo } from "./return-to.js";
import { useAttempt } from "./use-attempt.js";
import { useOptions } from "./use-options.js";

const ProviderSignIn = lazy(() =>
  import("../provider/provider-sign-in.js").then((file) => ({ default: file.ProviderSignIn })),
);

/** By password, and by a code where the person has an authenticator app; by a passkey; or by the company's provider. */
export function SignInPage(): ReactNode {
  const { words } = useSpeech();
  const [, navigate] = useLocation();
  const search = useSearch();
  const [needsCode, setNeedsCode] = useState(
    () => new URLSearchParams(search).get(OIDC_RESULT) === "second_factor",
  );
  const goOn = (): void => navigate(returnTo(search), { replace: true });
  if (needsCode) return <CodeForm onSignedIn={goOn} />;
  return (
    <Door title={words.signIn.title}>
      <SignInForm onSignedIn={goOn} onCodeNeeded={() => setNeedsCode(true)} />
    </Door>
  );
}

function SignInForm({
  onSignedIn,
  onCodeNeeded,
}: {
  readonly onSignedIn: () => void;
  readonly onCodeNeeded: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const draft = useDraft("sign-in", { email: "" });
  const [password, setPassword] = useState("");
  const options = useOptions();
  const { isBusy, error, submit } = useAttempt(async () => {
    const email = draft.value.email.trim();
    const { state } = await callRoute("sign-in", { email, password });
    draft.clear();
    if (state === "second_factor") onCodeNeeded();
    else onSignedIn();
  });
  const isWrong = error instanceof RouteError && error.status === 401;
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        {error !== undefined && !isWrong && <Trouble error={error} />}
        <TextInput
          label={words.common.email}
          type="email"
          autoComplete="username"
          required
          withAsterisk={false}
          value={draft.value.email}
          onChange={({ currentTarget }) => draft.change({ email: currentTarget.value })}
        />
        <PasswordInput
          label={words.common.password}
          autoComplete="current-password"
          required
          withAsterisk={false}
          value={password}
          onChange={({ currentTarget }) => setPassword(currentTarget.value)}
          error={isWrong && <span role="alert">{words.signIn.wrong}</span>}
        />
        <Button type="submit" loading={isBusy}>
          {words.signIn.action}
        </Button>
        {hasPasskeysHere(options) && <PasskeyButton purpose="sign_in" onShown={onSignedIn} />}
        <Text size="sm" c="dimmed">
          {options?.development ? words.signIn.developmentHelp : words.signIn.forgotten}
        </Text>
        {options?.provider !== undefined && (
          <PageBoundary>
            <Suspense>
              <ProviderSignIn name={options.provider} />
            </Suspense>
          </PageBoundary>
        )}
      </Stack>
    </form>
  );
}
