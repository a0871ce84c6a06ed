import { useMutation } from "@apollo/client/react";
import { Alert, Button, Group, PasswordInput, Stack } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { PASSWORD_LENGTH } from "../../protocol/console-api.js";
import { isAboutField } from "../api/graphql-client.js";
import { ChangePasswordDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { submitting } from "../shell/form-actions.js";
import { Panel } from "../shell/panel.js";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";

/** Another password, or the first one of somebody who came by a link. */
export function PasswordForm({ hasPassword }: { readonly hasPassword: boolean }): ReactNode {
  const { words, say } = useSpeech();
  const { person, user } = useSession();
  const [currentPassword, setCurrentPassword] = useState("");
  const [newPassword, setNewPassword] = useState("");
  const [changePassword, { loading, error, data }] = useMutation(ChangePasswordDocument, {
    client: person,
  });
  const isWrong = isAboutField(error, "currentPassword");
  const send = async (): Promise<void> => {
    await changePassword({
      variables: { input: { newPassword, ...(hasPassword ? { currentPassword } : {}) } },
    });
    setCurrentPassword("");
    setNewPassword("");
  };
  return (
    <Panel
      title={words.you.passwordTitle}
      about={hasPassword ? words.you.passwordHelp : words.you.noPassword}
    >
      <form onSubmit={submitting(send)}>
        <Stack gap="md">
          {error && !isWrong && <Trouble error={error} />}
          {data && (
            <Alert color="teal" role="status">
              {words.you.changed}
            </Alert>
          )}
          {/* Password managers keep the new password under this name. */}
          <input type="email" autoComplete="username" value={user.email} readOnly hidden />
          {hasPassword && (
            <PasswordInput
              label={words.you.currentPassword}
              autoComplete="current-password"
              required
              withAsterisk={false}
              value={currentPassword}
              onChange={({ currentTarget }) => setCurrentPassword(currentTarget.value)}
              error={isWrong && <span role="alert">{words.you.wrongPassword}</span>}
            />
          )}
          <PasswordInput
            label={words.you.newPassword}
            description={say(words.you.lengthHelp, PASSWORD_LENGTH)}
            autoComplete="new-password"
            required
            withAsterisk={false}
            minLength={PASSWORD_LENGTH.min}
            maxLength={PASSWORD_LENGTH.max}
            value={newPassword}
            onChange={({ currentTarget }) => setNewPassword(currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button type="submit" loading={loading}>
              {hasPassword ? words.you.change : words.you.set}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
