import { useQuery } from "@apollo/client/react";
import { Badge, Group, Stack, Text } from "@mantine/core";
import { Monitor } from "lucide-react";
import type { ReactNode } from "react";
import { YouDocument, type YouQuery } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { PageFrame } from "../shell/page-frame.js";
import { Panel } from "../shell/panel.js";
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
          <PasswordForm hasPassword={viewer.hasPassword} />
          <Sessions viewer={viewer} />
        </>
      )}
    </PageFrame>
  );
}

function Sessions({ viewer }: { readonly viewer: NonNullable<YouQuery["viewer"]> }): ReactNode {
  const { words, say, moment } = useSpeech();
  return (
    <Panel title={words.you.sessionsTitle}>
      <Stack gap="md">
        {viewer.sessions.map(({ id, createdAt, expiresAt }) => (
          <Group key={id} justify="space-between" wrap="nowrap">
            <Group gap="sm" wrap="nowrap">
              <Monitor size={20} strokeWidth={1.75} aria-hidden />
              <div>
                <Text size="sm" fw={500}>
                  {say(words.you.since, { moment: moment(createdAt) })}
                </Text>
                <Text size="sm" c="dimmed">
                  {say(words.you.ends, { moment: moment(expiresAt) })}
                </Text>
              </div>
            </Group>
            {id === viewer.session.id && <Badge variant="light">{words.you.thisSession}</Badge>}
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}
