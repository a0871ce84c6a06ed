import { useMutation } from "@apollo/client/react";
import { Stack } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useLocation } from "wouter";
import { CreateAgentDocument, CreateAgentVersionDocument } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { Dialog } from "../shell/dialog.js";
import { FormActions, submitting } from "../shell/form-actions.js";
import { Trouble } from "../shell/states.js";
import { useDraft } from "../use-draft.js";
import { AgentNameFields, NO_NAME } from "./agent-name-fields.js";
import { useAgentWords } from "./agent-words.js";

/** Makes an agent with an empty draft, and opens that. */
export function NewAgentDialog({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const { agentPages } = useAgentWords();
  return (
    <Dialog title={isOpen ? agentPages.make : undefined} onClose={onClose}>
      <NewAgentForm onCancel={onClose} />
    </Dialog>
  );
}

function NewAgentForm({ onCancel }: { readonly onCancel: () => void }): ReactNode {
  const { agentPages } = useAgentWords();
  const { membership } = useSession();
  const [, navigate] = useLocation();
  const draft = useDraft(`new-agent.${membership.organization.id}`, NO_NAME);
  const [wasSent, setWasSent] = useState(false);
  const [create, creating] = useMutation(CreateAgentDocument);
  const [createVersion] = useMutation(CreateAgentVersionDocument);
  const send = async (): Promise<void> => {
    setWasSent(true);
    const { name, description } = draft.value;
    if (name.trim() === "") return;
    const { data } = await create({
      variables: { input: { name: name.trim(), description: description.trim() || null } },
    });
    const agentId = data?.createAgent?.agent.id;
    if (agentId === undefined) return;
    draft.clear();
    // Without a draft the agent's own page offers one.
    const made = await createVersion({
      variables: { input: { agentId, from: { config: {} } } },
    }).catch(() => undefined);
    const version = made?.data?.createAgentVersion?.agentVersion.version;
    navigate(
      version === undefined ? `/agents/${agentId}` : `/agents/${agentId}/versions/${version}`,
    );
  };
  return (
    <form noValidate onSubmit={submitting(send)}>
      <Stack gap="md">
        {creating.error && <Trouble error={creating.error} />}
        <AgentNameFields value={draft.value} wasSent={wasSent} onChange={draft.change} />
        <FormActions action={agentPages.makeAction} isBusy={creating.loading} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
