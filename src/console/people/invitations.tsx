import { useMutation, useQuery } from "@apollo/client/react";
import { Button, Group, Stack, Table, Text, Title, VisuallyHidden } from "@mantine/core";
import type { ReactNode } from "react";
import { InvitationsDocument, RevokeInvitationDocument } from "../generated/operations.js";
import type { Question } from "../shell/confirm-dialog.js";
import { TablePanel } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { Trouble } from "../shell/states.js";
import { useSpeech } from "../use-speech.js";
import { roleChoices } from "./role-choices.js";

/** Who was invited and has not come yet; nothing where there is nobody. */
export function Invitations({
  onAsk,
}: {
  readonly onAsk: (question: Question) => void;
}): ReactNode {
  const { words, say, moment } = useSpeech();
  const { data, error, refetch } = useQuery(InvitationsDocument, {
    fetchPolicy: "cache-and-network",
  });
  const [revokeInvitation] = useMutation(RevokeInvitationDocument);
  const invitations = data?.me?.organization.invitations?.nodes ?? [];
  if (error) return <Trouble error={error} onTryAgain={() => void refetch()} />;
  if (invitations.length === 0) return null;
  const askToWithdraw = (id: string, name: string): void =>
    onAsk({
      title: say(words.people.withdrawTitle, { name }),
      text: words.people.withdrawHelp,
      action: words.people.withdraw,
      perform: async () => {
        await revokeInvitation({ variables: { input: { id } } });
        await refetch();
      },
    });
  return (
    <Stack gap="md" component="section">
      <Title order={2} size="h4">
        {words.people.invitationsTitle}
      </Title>
      <TablePanel
        heads={[
          words.common.email,
          words.people.role,
          words.people.invitationEnds,
          <VisuallyHidden key="actions">{words.common.actions}</VisuallyHidden>,
        ]}
      >
        {invitations.map(({ id, email, role, expiresAt }) => (
          <Table.Tr key={id}>
            <Table.Td>
              <Text size="sm" fw={500}>
                {email}
              </Text>
            </Table.Td>
            <Table.Td>{roleChoices(words).find(({ value }) => value === role)?.label}</Table.Td>
            <Table.Td className={classes.date}>{moment(expiresAt)}</Table.Td>
            <Table.Td>
              <Group justify="flex-end">
                <Button
                  size="xs"
                  variant="default"
                  aria-label={`${words.people.withdraw}: ${email}`}
                  onClick={() => askToWithdraw(id, email)}
                >
                  {words.people.withdraw}
                </Button>
              </Group>
            </Table.Td>
          </Table.Tr>
        ))}
      </TablePanel>
    </Stack>
  );
}
