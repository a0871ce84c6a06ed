import { Alert, Badge, Stack, Tabs, Text, Textarea, VisuallyHidden } from "@mantine/core";
import { useContext, useState, type ReactNode } from "react";
import { isFields, readJson, type Fields } from "../../protocol/read.js";
import { useSpeech } from "../use-speech.js";
import { useAgentWords } from "./agent-words.js";
import classes from "./agents.module.css";
import { CONFIG_SECTIONS } from "./config-fields.js";
import { ConfigForm } from "./config-form.js";
import { isPlacedIn, placesOfFields } from "./config-places.js";
import { EditorContext } from "./editor-context.js";

const PLACES = CONFIG_SECTIONS.map(({ title, fields }) => ({
  title,
  places: placesOfFields(fields),
}));
const JSON_TAB = "json";

/** Every part of a version's config in a tab of its own, and the whole as JSON. */
export function ConfigEditor({
  config,
  wrongJson,
  onChange,
  onWrongJson,
}: {
  readonly config: unknown;
  /** What somebody typed that is no object of JSON yet; empty: nothing. */
  readonly wrongJson: string;
  onChange(config: Fields): void;
  onWrongJson(text: string): void;
}): ReactNode {
  const { say } = useSpeech();
  const { agentPages } = useAgentWords();
  const { warnings, problems } = useContext(EditorContext);
  const notes = [...warnings, ...problems];
  const homeless = notes.filter((note) => !PLACES.some(({ places }) => isPlacedIn(places, note)));
  const tab = (title: keyof typeof agentPages & string, count: number): ReactNode => (
    <Tabs.Tab
      key={title}
      value={title}
      rightSection={
        count > 0 && (
          <>
            <Badge size="sm" circle color="orange" variant="light" miw="1.25rem" aria-hidden>
              {count}
            </Badge>
            <VisuallyHidden>{say(agentPages.marks, { count })}</VisuallyHidden>
          </>
        )
      }
    >
      {String(agentPages[title])}
    </Tabs.Tab>
  );
  return (
    <Tabs defaultValue={wrongJson === "" ? "talk" : JSON_TAB} keepMounted={false}>
      <Tabs.List aria-label={agentPages.sections}>
        {PLACES.map(({ title, places }) =>
          tab(title, notes.filter((note) => isPlacedIn(places, note)).length),
        )}
        {tab(JSON_TAB, homeless.length)}
      </Tabs.List>
      {CONFIG_SECTIONS.map(({ title, fields }) => (
        <Tabs.Panel key={title} value={title} pt="lg">
          <ConfigForm fields={fields} value={config} at="" onChange={onChange} />
        </Tabs.Panel>
      ))}
      <Tabs.Panel value={JSON_TAB} pt="lg">
        <Stack gap="md">
          {homeless.length > 0 && (
            <Alert color="yellow" role="status">
              {homeless.map(({ path, message }) => (
                <Text key={`${path} ${message}`} size="sm" c="var(--mantine-color-text)">
                  <b>{path}</b> · {message}
                </Text>
              ))}
            </Alert>
          )}
          <WholeAsJson
            config={config}
            wrongJson={wrongJson}
            onChange={onChange}
            onWrongJson={onWrongJson}
          />
        </Stack>
      </Tabs.Panel>
    </Tabs>
  );
}

function WholeAsJson({
  config,
  wrongJson,
  onChange,
  onWrongJson,
}: Parameters<typeof ConfigEditor>[0]): ReactNode {
  const { agentPages } = useAgentWords();
  const { isReadOnly } = useContext(EditorContext);
  const [text, setText] = useState(() => wrongJson || JSON.stringify(config, undefined, 2));
  const change = (entered: string): void => {
    setText(entered);
    const read = readJson(entered);
    if (isFields(read)) onChange(read);
    else onWrongJson(entered);
  };
  return (
    <Textarea
      label={agentPages.jsonLabel}
      description={agentPages.jsonHelp}
      error={wrongJson !== "" && agentPages.jsonWrong}
      className={classes.code}
      autosize
      minRows={12}
      maxRows={40}
      spellCheck={false}
      value={text}
      readOnly={isReadOnly}
      onChange={({ currentTarget }) => change(currentTarget.value)}
    />
  );
}
