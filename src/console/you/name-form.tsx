import { useMutation } from "@apollo/client/react";
import { Button, Group, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { UpdateViewerDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { submitting } from "../shell/form-actions.js";
import { Panel } from "../shell/panel.js";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";

/** What others read beside what somebody does. */
export function NameForm(): ReactNode {
  const { words } = useSpeech();
  const { person, user } = useSession();
  const [name, setName] = useState(user.name);
  const [updateViewer, { loading, error }] = useMutation(UpdateViewerDocument, { client: person });
  const submit = submitting(() => updateViewer({ variables: { input: { name: name.trim() } } }));
  return (
    <Panel title={words.you.nameTitle} about={user.email}>
      <form onSubmit={submit}>
        {error && <Trouble error={error} />}
        <Group align="flex-end" gap="sm" wrap="nowrap">
          <TextInput
            flex={1}
            label={words.link.yourName}
            autoComplete="name"
            maxLength={200}
            value={name}
            onChange={({ currentTarget }) => setName(currentTarget.value)}
          />
          <Button type="submit" loading={loading} disabled={name.trim() === user.name}>
            {words.common.save}
          </Button>
        </Group>
      </form>
    </Panel>
  );
}
