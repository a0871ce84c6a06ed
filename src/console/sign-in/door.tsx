import { Center, Paper, Stack, Title } from "@mantine/core";
import { useEffect, type ReactNode } from "react";
import { BrandMark } from "../shell/brand-mark.js";
import classes from "../shell/shell.module.css";
import { useSpeech } from "../use-speech.js";

/** What is shown to whoever is not signed in: one card in the middle. */
export function Door({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode {
  const { words } = useSpeech();
  useEffect(() => {
    document.title = `${title} · ${words.common.product}`;
  }, [title, words]);
  return (
    <Center component="main" mih="100dvh" p="md" className={classes.door}>
      <Stack w="100%" maw="24rem" gap="lg" align="center">
        <BrandMark />
        <Paper withBorder shadow="sm" p="xl" radius="lg" w="100%">
          <Stack gap="md">
            <Title order={1} size="h3">
              {title}
            </Title>
            {children}
          </Stack>
        </Paper>
      </Stack>
    </Center>
  );
}
