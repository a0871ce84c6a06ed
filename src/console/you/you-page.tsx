import { useQuery } from "@apollo/client/react";
import { Badge, Card, Group, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { YouDocument, type YouQuery } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { PageFrame } from "../shell/page-frame.js";
import { Loading, Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { PasswordForm } from "./password-form.js";

/** What is the person's own: the password, and where they are signed in. */
export function YouPage(): ReactNode {
  const { words } = useSpeech();
  const { person } = useSession();
  const { data, error, refetch } = useQuery(YouDocument, {
    client: person,
    fetchPolicy: "cache-and-network",
  });
  const viewer = data?.viewer;
  return (
    <PageFrame title={words.you.title} about={words.you.about}>
      {error && <Trouble error={error} onTryAgain={() => void refetch()} />}
      {!viewer && !error && <Loading />}
      {viewer && (
        <>
          <Card withBorder maw="36rem" component="section">
            <PasswordForm hasPassword={viewer.hasPassword} />
          </Card>
          <Sessions viewer={viewer} />
        </>
      )}
    </PageFrame>
  );
}

function Sessions({ viewer }: { readonly viewer: NonNullable<YouQuery["viewer"]> }): ReactNode {
  const { words, say, moment } = useSpeech();
  return (
    <Card withBorder maw="36rem" component="section">
      <Stack gap="md">
        <Title order={2} size="h4">
          {words.you.sessionsTitle}
        </Title>
        {viewer.sessions.map(({ id, createdAt, expiresAt }) => (
          <Group key={id} justify="space-between" wrap="nowrap">
            <div>
              <Text>{say(words.you.since, { moment: moment(createdAt) })}</Text>
              <Text size="sm" c="dimmed">
                {say(words.you.ends, { moment: moment(expiresAt) })}
              </Text>
            </div>
            {id === viewer.session.id && <Badge variant="light">{words.you.thisSession}</Badge>}
          </Group>
        ))}
      </Stack>
    </Card>
  );
}
