import { Badge, Code, Group, Paper, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { readFields, readList, readText } from "../../protocol/read.js";
import type { TurnFragment } from "../generated/operations.js";
import { useSpeech } from "../use-speech.js";
import classes from "./conversations.module.css";
import { FactList } from "./fact-list.js";
import { entriesOf, shownBy } from "./turns.js";

type Call = NonNullable<TurnFragment["toolCall"]>;

/** What a tool was called with and what it answered; a card and a form as the visitor saw them, roughly. */
export function ToolCallView({ call }: { readonly call: Call }): ReactNode {
  const { words, say } = useSpeech();
  const shown = shownBy(call.name);
  return (
    <Stack gap="xs" align="flex-start">
      <Group gap="xs">
        <Text size="sm">
          {shown?.kind === "card" && say(words.conversations.card, { name: shown.id })}
          {shown?.kind === "form" && say(words.conversations.form, { name: shown.id })}
          {!shown && <Code>{call.name}</Code>}
        </Text>
        {call.error !== null && (
          <Badge variant="default" leftSection={<span className={classes.dot} data-tone="bad" />}>
            {words.statuses.failed}
          </Badge>
        )}
      </Group>
      {call.error !== null && (
        <Text size="sm" className={classes.words}>
          {call.error}
        </Text>
      )}
      {shown?.kind === "card" && <Card data={call.arguments} />}
      {shown?.kind === "form" && <FactList facts={entriesOf(readFields(call.result)["values"])} />}
      <details className={classes.details}>
        <summary>{words.conversations.inFull}</summary>
        <Text size="xs" c="dimmed" mt="xs">
          {words.conversations.calledWith}
        </Text>
        <Code block className={classes.words}>
          {JSON.stringify(call.arguments, null, 2)}
        </Code>
        <Text size="xs" c="dimmed" mt="xs">
          {words.conversations.answered}
        </Text>
        <Code block className={classes.words}>
          {JSON.stringify(call.result, null, 2)}
        </Code>
      </details>
    </Stack>
  );
}

/** What of a card can be read; its pictures stay where they are, for they are of somebody else's servers. */
function Card({ data }: { readonly data: unknown }): ReactNode {
  const { title, subtitle, description, text, items, fields, actions } = readFields(data);
  const facts = readList(fields).map((field): [string, string] => {
    const { label, value } = readFields(field);
    return [readText(label) ?? "", readText(value) ?? ""];
  });
  return (
    <Paper withBorder p="sm" className={classes.card}>
      <Stack gap={6}>
        <Line text={title} isTitle />
        <Line text={subtitle} />
        <Line text={description} />
        <Line text={text} />
        <FactList facts={facts} />
        {readList(items).map((item, index) => {
          const one = readFields(item);
          return (
            // Items stand where they stand.
            <div key={index}>
              <Line text={one["title"]} isTitle />
              <Line text={one["subtitle"]} />
              <Line text={one["description"]} />
            </div>
          );
        })}
        <Group gap="xs">
          {readList(actions).map((action, index) => {
            const label = readText(readFields(action)["label"]);
            return (
              label !== undefined && (
                // Buttons stand where they stand.
                <Badge key={index} variant="default">
                  {label}
                </Badge>
              )
            );
          })}
        </Group>
      </Stack>
    </Paper>
  );
}

function Line({
  text,
  isTitle = false,
}: {
  readonly text: unknown;
  readonly isTitle?: boolean;
}): ReactNode {
  const said = readText(text);
  return (
    said !== undefined && (
      <Text size="sm" fw={isTitle ? 600 : undefined} className={classes.words} dir="auto">
        {said}
      </Text>
    )
  );
}
