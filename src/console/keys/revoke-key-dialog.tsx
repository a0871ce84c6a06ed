import { useMutation } from "@apollo/client/react";
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { RevokeApiKeyDocument } from "../generated/operations.js";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";

type ApiKey = { readonly id: string; readonly name: string };

/** Asks before a key ends for good. @param apiKey undefined: closed */
export function RevokeKeyDialog({
  apiKey,
  onClose,
}: {
  readonly apiKey: ApiKey | undefined;
  readonly onClose: () => void;
}): ReactNode {
  const { words, say } = useSpeech();
  const [revokeKey, { loading, error, reset }] = useMutation(RevokeApiKeyDocument);
  // While the dialog goes away it still says what it was about.
  const [shown, setShown] = useState(apiKey);
  useEffect(() => setShown((before) => apiKey ?? before), [apiKey]);
  const close = (): void => {
    reset();
    onClose();
  };
  const revoke = (id: string): void =>
    void revokeKey({ variables: { input: { id } } }).then(close, () => {
      // The dialog shows it.
    });
  return (
    <Modal
      opened={apiKey !== undefined}
      onClose={close}
      title={shown && say(words.keys.revokeTitle, { name: shown.name })}
      closeButtonProps={{ "aria-label": words.common.close }}
    >
      <Stack gap="md">
        <Text>{words.keys.revokeHelp}</Text>
        {error && <Trouble error={error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={close} data-autofocus>
            {words.common.cancel}
          </Button>
          <Button color="red" loading={loading} onClick={() => apiKey && revoke(apiKey.id)}>
            {words.keys.revoke}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
