import { Alert, Button, Center, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { CircleAlert, Compass, Lock, Users, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { explain } from "../api/explain.js";
import { useSpeech } from "../use-speech.js";
import classes from "./shell.module.css";

/** What stands in a page's place, or in a part's, while there is nothing else to show. */

export function Loading(): ReactNode {
  const { words } = useSpeech();
  return (
    <Center mih="12rem" role="status" aria-label={words.common.loading}>
      <Loader />
    </Center>
  );
}

/** What did not work. @param text in place of what the error says @param onTryAgain absent where trying again makes no sense */
export function Trouble({
  error,
  text,
  onTryAgain,
}: {
  readonly error: unknown;
  readonly text?: string | undefined;
  readonly onTryAgain?: () => void;
}): ReactNode {
  const speech = useSpeech();
  const { words } = speech;
  return (
    <Alert color="red" icon={<CircleAlert aria-hidden />} title={words.troubles.title} role="alert">
      <Stack align="flex-start" gap="sm">
        <Text size="sm">{text ?? explain(error, speech)}</Text>
        {onTryAgain && (
          <Button size="xs" variant="default" onClick={onTryAgain}>
            {words.common.tryAgain}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

/**
 * In a list's place: there is nothing yet.
 *
 * @param order of the title; 1 where it stands in a whole page's place
 * @param action what to do about it
 */
export function Nothing({
  Icon,
  title,
  order = 2,
  children,
  action,
}: {
  readonly Icon: LucideIcon;
  readonly title: string;
  readonly order?: 1 | 2;
  readonly children: string;
  readonly action?: ReactNode;
}): ReactNode {
  return (
    <Center mih="20rem" p="xl" className={classes.nothing}>
      <Stack align="center" gap="xs" maw="26rem" ta="center">
        <span className={classes.nothingIcon} aria-hidden>
          <Icon size={22} strokeWidth={1.75} />
        </span>
        <Title order={order} size="h4" mt="xs">
          {title}
        </Title>
        <Text c="dimmed">{children}</Text>
        {action && <Group mt="md">{action}</Group>}
      </Stack>
    </Center>
  );
}

export function NoOrganization(): ReactNode {
  const { troubles } = useSpeech().words;
  return (
    <Nothing Icon={Users} order={1} title={troubles.noOrganizationTitle}>
      {troubles.noOrganization}
    </Nothing>
  );
}

/** @param organization its name */
export function NoPermission({ organization }: { readonly organization: string }): ReactNode {
  const { words, say } = useSpeech();
  return (
    <Nothing Icon={Lock} order={1} title={words.troubles.noPermissionTitle}>
      {say(words.troubles.noPermission, { organization })}
    </Nothing>
  );
}

export function NotFound(): ReactNode {
  const { troubles } = useSpeech().words;
  return (
    <Nothing
      Icon={Compass}
      order={1}
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
