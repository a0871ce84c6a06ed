import { Button, Group, Paper, Stack, Table, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { useSpeech } from "../use-speech.js";
import classes from "./shell.module.css";

/** One matter of a page, in a frame. @param about one sentence below the title @param id what a link leads to */
export function Panel({
  id,
  title,
  about,
  children,
}: {
  readonly id?: string;
  readonly title: string;
  readonly about?: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Paper id={id} withBorder component="section" p="lg" maw="40rem" className={classes.panel}>
      <Stack gap="lg">
        <div>
          <Title order={2} size="h4">
            {title}
          </Title>
          {about && (
            <Text c="dimmed" size="sm" mt={4}>
              {about}
            </Text>
          )}
        </div>
        {children}
      </Stack>
    </Paper>
  );
}

/**
 * A list in a frame, which scrolls in itself where it is wider than the page.
 *
 * @param heads of its columns; one that shows nothing is said to screen readers
 */
export function TablePanel({
  heads,
  children,
}: {
  readonly heads: readonly ReactNode[];
  readonly children: ReactNode;
}): ReactNode {
  return (
    <Paper withBorder className={classes.table}>
      <Table.ScrollContainer minWidth={600} type="native">
        <Table verticalSpacing="sm" horizontalSpacing="lg">
          <Table.Thead>
            <Table.Tr>
              {heads.map((head, column) => (
                // Columns stand where they stand.
                <Table.Th key={column}>{head}</Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>{children}</Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Paper>
  );
}

/** At the end of a list that goes on. */
export function ShowMore({ onClick }: { readonly onClick: () => void }): ReactNode {
  const { words } = useSpeech();
  return (
    <Group justify="center">
      <Button variant="default" onClick={onClick}>
        {words.common.more}
      </Button>
    </Group>
  );
}
