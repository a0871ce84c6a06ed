import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { PASSWORD_LENGTH, type LinkAnswer } from "../../protocol/console-api.js";
import { callRoute, RouteError } from "../api/console-routes.js";
import { Loading, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import type { Words } from "../words/console-words.js";
import { CodeForm } from "./code-form.js";
import { Door } from "./door.js";
import { OPENED_WITH, takeLinkToken } from "./link-token.js";
import { useAttempt } from "./use-attempt.js";

/** Where a link leads: says what the link is for, and uses it at a click. */
export function LinkPage(): ReactNode {
  const [token, setToken] = useState(OPENED_WITH);
  useEffect(() => {
    // Another link in the same tab changes the fragment, and loads nothing.
    const onChange = (): void => setToken((before) => takeLinkToken() || before);
    addEventListener("hashchange", onChange);
    return () => removeEventListener("hashchange", onChange);
  }, []);
  return token === "" ? <Gone /> : <OpenedLink key={token} token={token} />;
}

function OpenedLink({ token }: { readonly token: string }): ReactNode {
  const { words } = useSpeech();
  const [link, setLink] = useState<LinkAnswer>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    callRoute("link", { token }).then(setLink, setError);
  }, [token]);
  if (isGone(error) || link?.state === "over") return <Gone />;
  if (error !== undefined) {
    return (
      <Door title={words.common.product}>
        <Trouble error={error} />
      </Door>
    );
  }
  return link ? <LinkForm token={token} link={link} /> : <Loading />;
}

function LinkForm({
  token,
  link,
}: {
  readonly token: string;
  readonly link: LinkAnswer;
}): ReactNode {
  const { words, say } = useSpeech();
  const [, navigate] = useLocation();
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const needsPassword = link.needs.includes("password");
  const isNewcomer = link.kind === "invitation" && !link.hasPassword;
  const [needsCode, setNeedsCode] = useState(false);
  const goOn = (): void => navigate("/", { replace: true });
  const { isBusy, error, submit } = useAttempt(async () => {
    const { state } = await callRoute("link/use", {
      token,
      ...(needsPassword ? { password } : {}),
      ...(isNewcomer ? { name } : {}),
    });
    if (state === "second_factor") setNeedsCode(true);
    else goOn();
  });
  if (needsCode) return <CodeForm onSignedIn={goOn} />;
  if (isGone(error)) return <Gone />;
  const { email = "", organization = "" } = link;
  const { title, about, action } = wordsOf(link, words);
  const isWrong = link.hasPassword && error instanceof RouteError && error.isAbout("password");
  return (
    <Door title={say(title, { organization })}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text c="dimmed">{say(about, { email, organization })}</Text>
          {error !== undefined && !isWrong && <Trouble error={error} />}
          {/* Password managers keep the password under this name. */}
          <input type="email" autoComplete="username" value={email} readOnly hidden />
          {isNewcomer && (
            <TextInput
              label={words.link.yourName}
              autoComplete="name"
              maxLength={200}
              value={name}
              onChange={({ currentTarget }) => setName(currentTarget.value)}
            />
          )}
          {needsPassword && (
            <PasswordInput
              {...(link.hasPassword ? PRESENT : NEW)}
              label={link.hasPassword ? words.common.password : words.you.newPassword}
              description={!link.hasPassword && say(words.you.lengthHelp, PASSWORD_LENGTH)}
              required
              withAsterisk={false}
              value={password}
              onChange={({ currentTarget }) => setPassword(currentTarget.value)}
              error={isWrong && <span role="alert">{words.link.wrongPassword}</span>}
            />
          )}
          <Button type="submit" loading={isBusy}>
            {action}
          </Button>
        </Stack>
      </form>
    </Door>
  );
}

const PRESENT = { autoComplete: "current-password" };
const NEW = {
  autoComplete: "new-password",
  minLength: PASSWORD_LENGTH.min,
  maxLength: PASSWORD_LENGTH.max,
};

/** What a link is for, in words. */
function wordsOf(
  { kind, hasPassword }: LinkAnswer,
  { link }: Words,
): { title: string; about: string; action: string } {
  switch (kind) {
    case "development":
      return { title: link.developmentTitle, about: link.development, action: link.action };
    case "invitation": {
      const about = hasPassword ? link.joinKnown : link.join;
      return { title: link.joinTitle, about, action: link.joinAction };
    }
    case "reset":
      return { title: link.resetTitle, about: link.reset, action: link.resetAction };
  }
}

function Gone(): ReactNode {
  const { words } = useSpeech();
  return (
    <Door title={words.link.goneTitle}>
      <Text c="dimmed">{words.link.gone}</Text>
      <Button component={Link} href="/sign-in" variant="default">
        {words.link.toSignIn}
      </Button>
    </Door>
  );
}

/** Used, expired and made up are all the same to whoever opens it. */
function isGone(error: unknown): boolean {
  return error instanceof RouteError && [401, 404, 409, 410].includes(error.status);
}
