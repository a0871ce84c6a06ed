import {
  Avatar,
  Button,
  Group,
  NativeSelect,
  Popover,
  SegmentedControl,
  Stack,
  Text,
  UnstyledButton,
  VisuallyHidden,
  useMantineColorScheme,
  type MantineColorScheme,
} from "@mantine/core";
import { ChevronsUpDown, LogOut } from "lucide-react";
import { useState, type ReactNode } from "react";
import { callRoute, RouteError } from "../api/console-routes.js";
import { CONSOLE_PATH } from "../html-facts.js";
import { LANGUAGE_NAMES } from "../say.js";
import { useSession } from "../session/session.js";
import { useSpeech } from "../use-speech.js";
import classes from "./shell.module.css";
import { Trouble } from "./states.js";

/** Who is signed in, how the console looks to them, and the way out. */
export function Account(): ReactNode {
  const { words, language, choose } = useSpeech();
  const { user, membership } = useSession();
  const role = membership.role === "ADMIN" ? "roleAdmin" : "roleViewer";
  return (
    <Popover position="top-start" width={264} trapFocus returnFocus shadow="md">
      <Popover.Target>
        <UnstyledButton className={classes.account}>
          <VisuallyHidden>{words.shell.account}</VisuallyHidden>
          <Group gap="sm" wrap="nowrap">
            <Avatar
              aria-hidden
              name={user.name || user.email}
              color="teal"
              variant="filled"
              size={32}
            />
            <div className={classes.accountNames}>
              <Text size="sm" fw={500} truncate>
                {user.name || user.email}
              </Text>
              <Text size="xs" c="dimmed" truncate>
                {words.shell[role]}
              </Text>
            </div>
            <ChevronsUpDown size={16} aria-hidden />
          </Group>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={words.shell.account}>
        <Stack gap="md">
          <Text size="sm" c="dimmed" truncate>
            {user.email}
          </Text>
          <LookSwitch />
          <NativeSelect
            label={words.shell.language}
            value={language}
            onChange={({ currentTarget }) => choose(currentTarget.value)}
            data={Object.entries(LANGUAGE_NAMES).map(([value, label]) => ({ value, label }))}
          />
          <SignOut />
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function LookSwitch(): ReactNode {
  const { shell } = useSpeech().words;
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const looks: { value: MantineColorScheme; label: string }[] = [
    { value: "light", label: shell.lookLight },
    { value: "dark", label: shell.lookDark },
    { value: "auto", label: shell.lookAuto },
  ];
  return (
    <SegmentedControl
      fullWidth
      size="xs"
      aria-label={shell.look}
      value={colorScheme}
      onChange={(look) => setColorScheme(look as MantineColorScheme)}
      data={looks}
    />
  );
}

function SignOut(): ReactNode {
  const { words } = useSpeech();
  const [error, setError] = useState<unknown>();
  const [isBusy, setIsBusy] = useState(false);
  const signOut = async (): Promise<void> => {
    setIsBusy(true);
    try {
      await callRoute("sign-out", {});
    } catch (reason) {
      // Whose session has ended already is out.
      if (!(reason instanceof RouteError && reason.status === 401)) {
        setError(reason);
        setIsBusy(false);
        return;
      }
    }
    // A page anew, with nothing of this person in its memory.
    location.assign(`${CONSOLE_PATH}/sign-in`);
  };
  return (
    <>
      {error !== undefined && <Trouble error={error} />}
      <Button
        variant="default"
        leftSection={<LogOut size={16} aria-hidden />}
        loading={isBusy}
        onClick={() => void signOut()}
      >
        {words.shell.signOut}
      </Button>
    </>
  );
}
