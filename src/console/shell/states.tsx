import { Alert, Button, Center, Group, Loader, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { explain } from "../api/explain.js";
import { useSpeech } from "../use-speech.js";

/** What stands in a page's place, or in a part's, while there is nothing else to show. */

export function Loading(): ReactNode {
  const { words } = useSpeech();
  return (
    <Center mih="12rem" role="status" aria-label={words.common.loading}>
      <Loader />
    </Center>
  );
}

/** What did not work. @param onTryAgain absent where trying again makes no sense */
export function Trouble({
  error,
  onTryAgain,
}: {
  readonly error: unknown;
  readonly onTryAgain?: () => void;
}): ReactNode {
  const { words } = useSpeech();
  return (
    <Alert color="red" title={words.troubles.title} role="alert">
      <Stack align="flex-start" gap="sm">
        <Text size="sm">{explain(error, words)}</Text>
        {onTryAgain && (
          <Button size="xs" variant="default" onClick={onTryAgain}>
            {words.common.tryAgain}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/** One of many: nothing is there yet. @param action what to do about it */
export function Nothing({
  title,
  children,
  action,
}: {
  readonly title: string;
  readonly children: string;
  readonly action?: ReactNode;
}): ReactNode {
  return (
    <Center mih="14rem">
      <Stack align="center" gap="xs" maw="26rem" ta="center">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text c="dimmed">{children}</Text>
        {action && <Group mt="sm">{action}</Group>}
      </Stack>
    </Center>
  );
}

export function NoOrganization(): ReactNode {
  const { troubles } = useSpeech().words;
  return <Nothing title={troubles.noOrganizationTitle}>{troubles.noOrganization}</Nothing>;
}

/** @param organization its name */
export function NoPermission({ organization }: { readonly organization: string }): ReactNode {
  const { words, say } = useSpeech();
  return (
    <Nothing title={words.troubles.noPermissionTitle}>
      {say(words.troubles.noPermission, { organization })}
    </Nothing>
  );
}

export function NotFound(): ReactNode {
  const { troubles } = useSpeech().words;
  return (
    <Nothing
      title={troubles.notFoundTitle}
      action={
        <Button component={Link} href="/" variant="default">
          {troubles.home}
        </Button>
      }
    >
      {troubles.notFound}
    </Nothing>
  );
}
