import {
  Avatar,
  Button,
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
import { useState, type ReactNode } from "react";
import { callRoute, RouteError } from "../api/console-routes.js";
import { CONSOLE_PATH } from "../html-facts.js";
import { LANGUAGE_NAMES } from "../say.js";
import { useSession } from "../session/session.js";
import { useSpeech } from "../use-speech.js";
import { Trouble } from "./states.js";

/** Who is signed in, how the console looks to them, and the way out. */
export function Account(): ReactNode {
  const { words, language, choose } = useSpeech();
  const { user, membership } = useSession();
  const role = membership.role === "ADMIN" ? "roleAdmin" : "roleViewer";
  const name = user.name || user.email;
  return (
    <Popover position="bottom-end" width={280} trapFocus returnFocus shadow="md">
      <Popover.Target>
        <UnstyledButton>
          <Avatar aria-hidden name={name} color="teal" variant="filled" radius="xl" />
          <VisuallyHidden>{words.shell.account}</VisuallyHidden>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown aria-label={words.shell.account}>
        <Stack gap="md">
          <div>
            <Text fw={600} truncate>
              {name}
            </Text>
            <Text size="sm" c="dimmed" truncate>
              {user.email} · {words.shell[role]}
            </Text>
          </div>
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
      <Button variant="default" loading={isBusy} onClick={() => void signOut()}>
        {words.shell.signOut}
      </Button>
    </>
  );
}
