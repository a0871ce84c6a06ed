import { useMutation } from "@apollo/client/react";
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { Monitor } from "lucide-react";
import type { ReactNode } from "react";
import { EndSessionDocument, YouDocument, type YouQuery } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { Panel } from "../shell/panel.js";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";

type Session = NonNullable<YouQuery["viewer"]>["sessions"][number];

/** Where the person is signed in, and an end to each but this one. */
export function Sessions({ sessions }: { readonly sessions: readonly Session[] }): ReactNode {
  const { words, say, moment } = useSpeech();
  const { person } = useSession();
  const [endSession, { error }] = useMutation(EndSessionDocument, {
    client: person,
    refetchQueries: [YouDocument],
  });
  const end = (id: string): void =>
    void endSession({ variables: { input: { id } } }).catch(() => {
      // What it fails with is shown.
    });
  return (
    <Panel title={words.you.sessionsTitle}>
      <Stack gap="md">
        {error && <Trouble error={error} />}
        {sessions.map(({ id, current, createdAt, lastSeenAt }) => (
          <Group key={id} justify="space-between" wrap="nowrap">
            <Group gap="sm" wrap="nowrap">
              <Monitor size={20} strokeWidth={1.75} aria-hidden />
              <div>
                <Text size="sm" fw={500}>
                  {say(words.you.since, { moment: moment(createdAt) })}
                </Text>
                <Text size="sm" c="dimmed">
                  {say(words.you.lastSeen, { moment: moment(lastSeenAt) })}
                </Text>
              </div>
            </Group>
            {current ? (
              <Badge variant="light">{words.you.thisSession}</Badge>
            ) : (
              <Button size="xs" variant="default" onClick={() => end(id)}>
                {words.you.end}
              </Button>
            )}
          </Group>
        ))}
      </Stack>
    </Panel>
  );
}
