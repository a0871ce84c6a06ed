import { useMutation } from "@apollo/client/react";
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { RemoveTotpDocument, YouDocument, type YouQuery } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { Dialog } from "../shell/dialog.js";
import { Panel } from "../shell/panel.js";
import { ShownOnce } from "../shell/shown-once.js";
import { useSpeech } from "../use-speech.js";
import { CodeQuestion } from "./code-question.js";
import { NewAuthenticator } from "./new-authenticator.js";

/** An authenticator app, asked for at each sign-in once it is in use. */
export function SecondFactor({
  viewer: { hasTotp, recoveryCodesLeft },
}: {
  readonly viewer: NonNullable<YouQuery["viewer"]>;
}): ReactNode {
  const { words, say } = useSpeech();
  const [open, setOpen] = useState<"add" | "remove">();
  const [recoveryCodes, setRecoveryCodes] = useState<readonly string[]>();
  const close = (): void => {
    setOpen(undefined);
    setRecoveryCodes(undefined);
  };
  const isShowing = recoveryCodes !== undefined;
  return (
    <Panel title={words.you.factorTitle} about={words.you.factorAbout}>
      <Group justify="space-between" wrap="nowrap">
        <Stack gap={4} align="flex-start">
          <Badge variant="light" color={hasTotp ? "teal" : "gray"}>
            {hasTotp ? words.you.factorOn : words.you.factorOff}
          </Badge>
          {hasTotp && (
            <Text size="sm" c="dimmed">
              {say(words.you.recoveryLeft, { count: recoveryCodesLeft })}
            </Text>
          )}
        </Stack>
        <Button variant="default" onClick={() => setOpen(hasTotp ? "remove" : "add")}>
          {hasTotp ? words.you.factorRemove : words.you.factorAdd}
        </Button>
      </Group>
      <Dialog
        title={open === "add" ? words.you.factorAdd : undefined}
        isHeld={isShowing}
        onClose={close}
      >
        {isShowing ? (
          <Stack gap="md">
            <Text>{words.you.recoveryAbout}</Text>
            <ShownOnce
              label={words.you.recoveryCodes}
              value={recoveryCodes.join("\n")}
              onClose={close}
            />
          </Stack>
        ) : (
          <NewAuthenticator onAdded={setRecoveryCodes} onCancel={close} />
        )}
      </Dialog>
      <Dialog title={open === "remove" ? words.you.factorRemove : undefined} onClose={close}>
        <Removal onDone={close} />
      </Dialog>
    </Panel>
  );
}

function Removal({ onDone }: { readonly onDone: () => void }): ReactNode {
  const { words } = useSpeech();
  const { person } = useSession();
  const [removeTotp, { error }] = useMutation(RemoveTotpDocument, {
    client: person,
    refetchQueries: [YouDocument],
  });
  return (
    <CodeQuestion
      about={words.you.factorRemoveAbout}
      action={words.you.factorRemove}
      error={error}
      onCancel={onDone}
      onCode={async (code) => {
        await removeTotp({ variables: { input: { code } } });
        onDone();
      }}
    />
  );
}
