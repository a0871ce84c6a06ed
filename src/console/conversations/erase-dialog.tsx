import { useApolloClient, useMutation } from "@apollo/client/react";
import { Button, Code, Group, Stack, Text, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { EraseVisitorDocument } from "../generated/operations.js";
import { Dialog } from "../shell/dialog.js";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import classes from "./conversations.module.css";

/**
 * Removes all that is kept of a visitor, for good: only who writes the words means it.
 *
 * @param userId undefined: closed
 */
export function EraseDialog({
  userId,
  onClose,
  onErased,
}: {
  readonly userId: string | undefined;
  readonly onClose: () => void;
  readonly onErased: () => void;
}): ReactNode {
  const { words } = useSpeech();
  return (
    <Dialog
      title={userId === undefined ? undefined : words.conversations.eraseTitle}
      onClose={onClose}
    >
      {userId !== undefined && <EraseForm userId={userId} onClose={onClose} onErased={onErased} />}
    </Dialog>
  );
}

function EraseForm({
  userId,
  onClose,
  onErased,
}: {
  readonly userId: string;
  readonly onClose: () => void;
  readonly onErased: () => void;
}): ReactNode {
  const { words, say } = useSpeech();
  const client = useApolloClient();
  const [typed, setTyped] = useState("");
  const [eraseVisitor, { loading, error }] = useMutation(EraseVisitorDocument, {
    fetchPolicy: "no-cache",
  });
  const wanted = words.conversations.eraseWords;
  const send = async (): Promise<void> => {
    await eraseVisitor({ variables: { input: { userId } } });
    // The lists that were read have them still.
    client.cache.evict({ fieldName: "conversations" });
    onErased();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        // What it fails with is shown.
        if (typed.trim() === wanted) send().catch(() => {});
      }}
    >
      <Stack gap="md">
        <Text size="sm">{words.conversations.eraseHelp}</Text>
        <Code block className={classes.words}>
          {userId}
        </Code>
        {error && <Trouble error={error} />}
        <TextInput
          label={say(words.conversations.eraseType, { wanted })}
          value={typed}
          autoComplete="off"
          data-autofocus
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {words.common.cancel}
          </Button>
          <Button type="submit" color="red" loading={loading} disabled={typed.trim() !== wanted}>
            {words.conversations.eraseAction}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
