import { AppShell, Burger, Group, NativeSelect, NavLink, ScrollArea, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { lazy, Suspense, useEffect, useState, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { OIDC_RESULT } from "../../protocol/console-api.js";
import { useSession } from "../session/session.js";
import { useSpeech } from "../use-speech.js";
import { Account } from "./account.js";
import { BrandMark } from "./brand-mark.js";
import { MENU } from "./menu.js";
import { PageBoundary } from "./page-boundary.js";
import classes from "./shell.module.css";

const CONTENT_ID = "content";
const PHONE_HEADER_PX = 56;
const ArrivalNotice = lazy(() =>
  import("../provider/arrival-notice.js").then((file) => ({ default: file.ArrivalNotice })),
);

/** What stands around every page: the menu, the organization, the person. */
export function Shell({ children }: { readonly children: ReactNode }): ReactNode {
  const { words } = useSpeech();
  const [isOpen, { toggle, close }] = useDisclosure();
  const [location] = useLocation();
  useEffect(close, [location, close]);
  const [comesFromProvider] = useState(() =>
    new URLSearchParams(window.location.search).has(OIDC_RESULT),
  );
  return (
    <AppShell
      header={{ height: { base: PHONE_HEADER_PX, sm: 0 } }}
      navbar={{ width: 248, breakpoint: "sm", collapsed: { mobile: !isOpen } }}
      padding={{ base: "md", sm: "xl" }}
    >
      <a className={classes.skip} href={`#${CONTENT_ID}`}>
        {words.shell.skip}
      </a>
      <AppShell.Header hiddenFrom="sm">
        <Group h="100%" px="md" gap="sm" wrap="nowrap">
          <Burger
            size="sm"
            opened={isOpen}
            onClick={toggle}
            aria-expanded={isOpen}
            aria-label={words.shell.menu}
          />
          <Home />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar
        p="sm"
        component="nav"
        aria-label={words.shell.menu}
        className={classes.navbar}
      >
        <AppShell.Section visibleFrom="sm" px="xs" py="sm">
          <Home />
        </AppShell.Section>
        <AppShell.Section px="xs" pb="md">
          <OrganizationSwitch />
        </AppShell.Section>
        <AppShell.Section grow component={ScrollArea}>
          <MenuLinks />
        </AppShell.Section>
        <AppShell.Section>
          <Account />
        </AppShell.Section>
      </AppShell.Navbar>
      <AppShell.Main id={CONTENT_ID} tabIndex={-1}>
        {comesFromProvider && (
          <PageBoundary>
            <Suspense>
              <ArrivalNotice />
            </Suspense>
          </PageBoundary>
        )}
        {children}
      </AppShell.Main>
    </AppShell>
  );
}

function Home(): ReactNode {
  return (
    <Link href="/" className={classes.product}>
      <BrandMark />
    </Link>
  );
}

/** What the person may not see is not offered. */
function MenuLinks(): ReactNode {
  const { words } = useSpeech();
  const { may } = useSession();
  const [location] = useLocation();
  return MENU.filter(({ scope }) => scope === undefined || may(scope)).map(
    ({ path, title, Icon }) => {
      const isHere = location === path || location.startsWith(`${path}/`);
      return (
        <NavLink
          key={path}
          component={Link}
          href={path}
          label={title(words)}
          leftSection={<Icon size={18} strokeWidth={1.75} aria-hidden />}
          active={isHere}
          aria-current={isHere ? "page" : undefined}
          className={classes.link}
        />
      );
    },
  );
}

function OrganizationSwitch(): ReactNode {
  const { words } = useSpeech();
  const { memberships, membership, chooseOrganization } = useSession();
  if (memberships.length === 1) {
    return (
      <Text size="sm" c="dimmed" truncate className={classes.organization}>
        {membership.organization.name}
      </Text>
    );
  }
  return (
    <NativeSelect
      aria-label={words.shell.organization}
      value={membership.organization.id}
      onChange={({ currentTarget }) => chooseOrganization(currentTarget.value)}
      data={memberships.map(({ organization }) => ({
        value: organization.id,
        label: organization.name,
      }))}
    />
  );
}
