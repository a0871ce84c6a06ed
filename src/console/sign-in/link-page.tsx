import { Button, Stack, Text } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import type { LinkAnswer } from "../../protocol/console-api.js";
import { callRoute, RouteError } from "../api/console-routes.js";
import { Loading, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
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
  const { isBusy, error, submit } = useAttempt(async () => {
    await callRoute("link/use", { token });
    navigate("/", { replace: true });
  });
  const { email = "", organization = "" } = link;
  if (isGone(error)) return <Gone />;
  return (
    <Door title={words.link.developmentTitle}>
      <form onSubmit={submit}>
        <Stack gap="md">
          <Text c="dimmed">{say(words.link.development, { email, organization })}</Text>
          {error !== undefined && <Trouble error={error} />}
          <Button type="submit" loading={isBusy}>
            {words.link.action}
          </Button>
        </Stack>
      </form>
    </Door>
  );
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
