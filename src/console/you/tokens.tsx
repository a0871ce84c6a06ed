import { useMutation } from "@apollo/client/react";
import { Button, Code, Group, Stack, Text } from "@mantine/core";
import { Plus } from "lucide-react";
import { useState, type ReactNode } from "react";
import {
  RevokePersonalTokenDocument,
  YouDocument,
  type YouQuery,
} from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { Dialog } from "../shell/dialog.js";
import { Panel } from "../shell/panel.js";
import { ShownOnce } from "../shell/shown-once.js";
import { useSpeech } from "../use-speech.js";
import { TokenForm } from "./token-form.js";

type PersonalToken = NonNullable<YouQuery["viewer"]>["personalTokens"][number];

/** What lets a program act as the person. */
export function Tokens({ tokens }: { readonly tokens: readonly PersonalToken[] }): ReactNode {
  const { words, say, day } = useSpeech();
  const { person } = useSession();
  const [isMaking, setIsMaking] = useState(false);
  const [secret, setSecret] = useState<string>();
  const [question, setQuestion] = useState<Question>();
  const [revokeToken] = useMutation(RevokePersonalTokenDocument, {
    client: person,
    refetchQueries: [YouDocument],
    awaitRefetchQueries: true,
  });
  const close = (): void => {
    setIsMaking(false);
    setSecret(undefined);
  };
  const askToRevoke = ({ id, name }: PersonalToken): void =>
    setQuestion({
      title: say(words.keys.revokeTitle, { name }),
      text: words.keys.revokeHelp,
      action: words.keys.revoke,
      perform: () => revokeToken({ variables: { input: { id } } }),
    });
  return (
    <Panel title={words.you.tokensTitle} about={words.you.tokensAbout}>
      <Stack gap="md">
        {tokens.map((token) => (
          <Group key={token.id} justify="space-between" wrap="nowrap">
            <Stack gap={2}>
              <Text size="sm" fw={500}>
                {token.name}
              </Text>
              <Text size="sm" c="dimmed">
                <Code>pat_{token.id}</Code>{" "}
                {token.expiresAt && say(words.you.tokenEnds, { day: day(token.expiresAt) })}
              </Text>
            </Stack>
            <Button
              size="xs"
              variant="default"
              aria-label={`${words.keys.revoke}: ${token.name}`}
              onClick={() => askToRevoke(token)}
            >
              {words.keys.revoke}
            </Button>
          </Group>
        ))}
        <Group justify="flex-end">
          <Button
            variant="default"
            leftSection={<Plus size={16} aria-hidden />}
            onClick={() => setIsMaking(true)}
          >
            {words.you.makeToken}
          </Button>
        </Group>
      </Stack>
      <Dialog
        title={isMaking ? words.you.makeToken : undefined}
        isHeld={secret !== undefined}
        onClose={close}
      >
        {secret === undefined ? (
          <TokenForm onMade={setSecret} onCancel={close} />
        ) : (
          <ShownOnce label={words.you.token} value={secret} onClose={close} />
        )}
      </Dialog>
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </Panel>
  );
}
