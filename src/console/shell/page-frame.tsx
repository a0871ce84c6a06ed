import { Group, Stack, Text, Title } from "@mantine/core";
import { useEffect, useRef, type ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import classes from "./shell.module.css";

/**
 * The head of a page. Takes the focus when it is opened, so that a screen reader says where one is.
 *
 * @param about one sentence below the title
 * @param action the page's main button
 */
export function PageFrame({
  title,
  about,
  action,
  children,
}: {
  readonly title: string;
  readonly about?: string;
  readonly action?: ReactNode;
  readonly children: ReactNode;
}): ReactNode {
  const { words } = useSpeech();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${words.common.product}`;
  }, [title, words]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <Stack gap="xl" w="100%" maw="64rem" mx="auto" py={{ base: 0, sm: "md" }}>
      <Group justify="space-between" align="flex-start" gap="md">
        <div>
          <Title ref={heading} order={1} size="h2" tabIndex={-1} className={classes.title}>
            {title}
          </Title>
          {about && (
            <Text c="dimmed" mt={4}>
              {about}
            </Text>
          )}
        </div>
        {action}
      </Group>
      {children}
    </Stack>
  );
}
