import { useMutation } from "@apollo/client/react";
import { Stack, Switch } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { UpdateAgentDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { Dialog } from "../shell/dialog.js";
import { FormActions, submitting } from "../shell/form-actions.js";
import { Trouble } from "../shell/states.js";
import { useDraft } from "../use-draft.js";
import { useSpeech } from "../use-speech.js";
import { AgentNameFields } from "./agent-name-fields.js";
import { useAgentWords } from "./agent-words.js";

/** What is of the agent itself. */
interface Settings {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly active: boolean;
}

export function AgentSettingsDialog({
  agent,
  isOpen,
  onClose,
}: {
  readonly agent: Settings;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { agentPages } = useAgentWords();
  return (
    <Dialog title={isOpen ? agentPages.rename : undefined} onClose={onClose}>
      <SettingsForm agent={agent} onDone={onClose} />
    </Dialog>
  );
}

function SettingsForm({
  agent,
  onDone,
}: {
  readonly agent: Settings;
  readonly onDone: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const { agentPages } = useAgentWords();
  const { membership } = useSession();
  const draft = useDraft(`agent-settings.${membership.organization.id}.${agent.id}`, {
    name: agent.name,
    description: agent.description ?? "",
    active: agent.active,
  });
  const [wasSent, setWasSent] = useState(false);
  const [update, { loading, error }] = useMutation(UpdateAgentDocument);
  const send = async (): Promise<void> => {
    setWasSent(true);
    const { name, description, active } = draft.value;
    if (name.trim() === "") return;
    await update({
      variables: {
        input: { id: agent.id, name: name.trim(), description: description.trim() || null, active },
      },
    });
    draft.clear();
    onDone();
  };
  const cancel = (): void => {
    draft.clear();
    onDone();
  };
  return (
    <form noValidate onSubmit={submitting(send)}>
      <Stack gap="md">
        {error && <Trouble error={error} />}
        <AgentNameFields value={draft.value} wasSent={wasSent} onChange={draft.change} />
        <Switch
          label={agentPages.active}
          description={agentPages.activeHelp}
          checked={draft.value.active}
          onChange={({ currentTarget }) => draft.change({ active: currentTarget.checked })}
        />
        <FormActions action={words.common.save} isBusy={loading} onCancel={cancel} />
      </Stack>
    </form>
  );
}
