import {
  ActionIcon,
  Avatar,
  Badge,
  Group,
  Menu,
  NativeSelect,
  Table,
  Text,
  VisuallyHidden,
} from "@mantine/core";
import { Ellipsis, Link2, UserRoundX } from "lucide-react";
import type { ReactNode } from "react";
import type { PeopleQuery, Role } from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { TablePanel } from "../shell/panel.js";
import classes from "../shell/shell.module.css";
import { useSpeech } from "../use-speech.js";
import { roleChoices } from "./role-choices.js";

type Organization = NonNullable<PeopleQuery["me"]>["organization"];

export type MemberRow = NonNullable<Organization["members"]>["nodes"][number];

/** What somebody is called. */
export function nameOf({ user }: MemberRow): string {
  return user.name || user.email;
}

interface Actions {
  readonly onRole: (member: MemberRow, role: Role) => void;
  readonly onRemove: (member: MemberRow) => void;
  /** Makes a link by which somebody sets a new password. */
  readonly onReset: (member: MemberRow) => void;
}

export function MemberTable({
  members,
  ...actions
}: Actions & { readonly members: readonly MemberRow[] }): ReactNode {
  const { words, say, day, moment } = useSpeech();
  const { user } = useSession();
  return (
    <TablePanel
      heads={[
        words.people.person,
        words.people.role,
        words.people.since,
        words.people.lastSeen,
        <VisuallyHidden key="actions">{words.common.actions}</VisuallyHidden>,
      ]}
    >
      {members.map((member) => {
        const name = nameOf(member);
        const isYou = member.user.id === user.id;
        return (
          <Table.Tr key={member.user.id}>
            <Table.Td>
              <Group gap="sm" wrap="nowrap">
                <Avatar aria-hidden name={name} color="teal" variant="filled" size="md" />
                <div>
                  <Group gap="xs">
                    <Text size="sm" fw={500}>
                      {name}
                    </Text>
                    {isYou && <Badge variant="light">{words.people.you}</Badge>}
                  </Group>
                  {member.user.name && (
                    <Text size="sm" c="dimmed">
                      {member.user.email}
                    </Text>
                  )}
                </div>
              </Group>
            </Table.Td>
            <Table.Td>
              <NativeSelect
                aria-label={say(words.people.roleOf, { name })}
                w="10rem"
                value={member.role}
                data={roleChoices(words)}
                onChange={({ currentTarget }) =>
                  actions.onRole(member, currentTarget.value as Role)
                }
              />
            </Table.Td>
            <Table.Td className={classes.date}>{day(member.createdAt)}</Table.Td>
            <Table.Td className={classes.date}>
              {member.lastSeenAt ? moment(member.lastSeenAt) : words.common.never}
            </Table.Td>
            <Table.Td>{!isYou && <MemberMenu member={member} {...actions} />}</Table.Td>
          </Table.Tr>
        );
      })}
    </TablePanel>
  );
}

function MemberMenu({
  member,
  onReset,
  onRemove,
}: Actions & { readonly member: MemberRow }): ReactNode {
  const { words } = useSpeech();
  return (
    <Group justify="flex-end">
      <Menu position="bottom-end" shadow="md" width={220}>
        <Menu.Target>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`${words.common.actions}: ${nameOf(member)}`}
          >
            <Ellipsis size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<Link2 size={16} />} onClick={() => onReset(member)}>
            {words.people.resetLink}
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<UserRoundX size={16} />}
            onClick={() => onRemove(member)}
          >
            {words.people.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}
