import { AppShell, Burger, Group, NativeSelect, NavLink, ScrollArea, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useEffect, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { useSession } from "../session/session.js";
import { useSpeech } from "../use-speech.js";
import { Account } from "./account.js";
import { MENU } from "./menu.js";
import classes from "./shell.module.css";

const CONTENT_ID = "content";

/** What stands around every page: the menu, the organization, the person. */
export function Shell({ children }: { readonly children: ReactNode }): ReactNode {
  const { words } = useSpeech();
  const [isOpen, { toggle, close }] = useDisclosure();
  const [location] = useLocation();
  useEffect(close, [location, close]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 232, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={{ base: "md", sm: "xl" }}
    >
      <a className={classes.skip} href={`#${CONTENT_ID}`}>
        {words.shell.skip}
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger
              hiddenFrom="sm"
              size="sm"
              opened={isOpen}
              onClick={toggle}
              aria-expanded={isOpen}
              aria-label={words.shell.menu}
            />
            <Text component={Link} href="/" fw={700} className={classes.product}>
              {words.common.product}
            </Text>
            <OrganizationSwitch />
          </Group>
          <Account />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="sm" component="nav" aria-label={words.shell.menu}>
        <ScrollArea>
          <MenuLinks />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id={CONTENT_ID} tabIndex={-1}>
        {children}
      </AppShell.Main>
    </AppShell>
  );
}

/** What the person may not see is not offered. */
function MenuLinks(): ReactNode {
  const { words } = useSpeech();
  const { may } = useSession();
  const [location] = useLocation();
  return MENU.filter(({ scope }) => scope === undefined || may(scope)).map(({ path, title }) => {
    const isHere = location === path;
    return (
      <NavLink
        key={path}
        component={Link}
        href={path}
        label={title(words)}
        active={isHere}
        aria-current={isHere ? "page" : undefined}
        className={classes.link}
      />
    );
  });
}

function OrganizationSwitch(): ReactNode {
  const { words } = useSpeech();
  const { memberships, membership, chooseOrganization } = useSession();
  if (memberships.length === 1) {
    return (
      <Text c="dimmed" truncate className={classes.organization}>
        {membership.organization.name}
      </Text>
    );
  }
  return (
    <NativeSelect
      aria-label={words.shell.organization}
      className={classes.organization}
      size="xs"
      value={membership.organization.id}
      onChange={({ currentTarget }) => chooseOrganization(currentTarget.value)}
      data={memberships.map(({ organization }) => ({
        value: organization.id,
        label: organization.name,
      }))}
    />
  );
}
