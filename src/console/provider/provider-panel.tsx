import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { callRoute, RouteError } from "../api/console-routes.js";
import { ViewerDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { ConfirmDialog, type Question } from "../shell/confirm-dialog.js";
import { Panel } from "../shell/panel.js";
import { useSpeech } from "../use-speech.js";
import { ProviderButton } from "./provider-button.js";
import { useProviderWords } from "./provider-words.js";

/** Whether the company's provider signs the person in; nothing where there is none. */
export function ProviderPanel(): ReactNode {
  const { say } = useSpeech();
  const { person, confirm, ways } = useSession();
  const { provider: words } = useProviderWords();
  const [question, setQuestion] = useState<Question>();
  const { provider, hasPassword } = ways;
  if (!provider) return null;
  const { name, isConnected } = provider;
  const confirmed = async (send: () => Promise<void>): Promise<void> => {
    try {
      await send();
    } catch (error) {
      // Of these routes that is what a session gets which was not confirmed for a while.
      const isUnconfirmed = error instanceof RouteError && error.status === 403;
      if (!isUnconfirmed || !(await confirm())) throw error;
      await send();
    }
  };
  const disconnect = async (): Promise<void> => {
    await callRoute("oidc/disconnect", {});
    await person.refetchQueries({ include: [ViewerDocument] });
  };
  const ask = (): void =>
    setQuestion({
      title: say(words.disconnectTitle, { name }),
      text: say(words.disconnectText, { name }),
      action: say(words.disconnect, { name }),
      perform: () => confirmed(disconnect),
    });
  return (
    <Panel title={say(words.title, { name })} about={words.about}>
      <Group justify="space-between" gap="md">
        <Stack gap={4} align="flex-start">
          <Badge variant="light" color={isConnected ? "teal" : "gray"}>
            {isConnected ? words.on : words.off}
          </Badge>
          {isConnected && !hasPassword && (
            <Text size="sm" c="dimmed">
              {words.needsPassword}
            </Text>
          )}
        </Stack>
        {!isConnected && (
          <ProviderButton
            name={name}
            purpose="connect"
            returnTo="/you"
            label={say(words.connect, { name })}
            confirmed={confirmed}
          />
        )}
        {isConnected && hasPassword && (
          <Button variant="default" onClick={ask}>
            {say(words.disconnect, { name })}
          </Button>
        )}
      </Group>
      <ConfirmDialog question={question} onClose={() => setQuestion(undefined)} />
    </Panel>
  );
}
