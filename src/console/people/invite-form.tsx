import { useMutation } from "@apollo/client/react";
import { NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import type { ReactNode } from "react";
import { InvitationsDocument, InviteMemberDocument, type Role } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { FormActions, submitting } from "../shell/form-actions.js";
import { Trouble } from "../shell/states.js";
import { useDraft } from "../use-draft.js";
import { useSpeech } from "../use-speech.js";
import { roleChoices } from "./role-choices.js";

/** A link that was made for somebody, to be handed over. */
export interface MadeLink {
  readonly name: string;
  readonly link: string;
}

const EMPTY: { email: string; role: Role } = { email: "", role: "VIEWER" };

/** Invites somebody. @param onMade is given the link to hand over, and for whom it is. */
export function InviteForm({
  onMade,
  onCancel,
}: {
  readonly onMade: (made: MadeLink) => void;
  readonly onCancel: () => void;
}): ReactNode {
  const { words } = useSpeech();
  const { membership } = useSession();
  const draft = useDraft(`invite.${membership.organization.id}`, EMPTY);
  const [inviteMember, { loading, error }] = useMutation(InviteMemberDocument, {
    fetchPolicy: "no-cache",
    refetchQueries: [InvitationsDocument],
  });
  const send = async (): Promise<void> => {
    const input = { email: draft.value.email.trim(), role: draft.value.role };
    const { data } = await inviteMember({ variables: { input } });
    if (!data?.inviteMember) return;
    draft.clear();
    onMade({ name: input.email, link: data.inviteMember.link });
  };
  return (
    <form onSubmit={submitting(send)}>
      <Stack gap="md">
        <Text c="dimmed">{words.people.inviteHelp}</Text>
        {error && <Trouble error={error} />}
        <TextInput
          type="email"
          label={words.common.email}
          autoComplete="off"
          required
          withAsterisk={false}
          data-autofocus
          value={draft.value.email}
          onChange={({ currentTarget }) => draft.change({ email: currentTarget.value })}
        />
        <NativeSelect
          label={words.people.role}
          value={draft.value.role}
          data={roleChoices(words)}
          onChange={({ currentTarget }) => draft.change({ role: currentTarget.value as Role })}
        />
        <FormActions action={words.people.inviteAction} isBusy={loading} onCancel={onCancel} />
      </Stack>
    </form>
  );
}
