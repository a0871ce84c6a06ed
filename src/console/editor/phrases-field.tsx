import {
  Autocomplete,
  Button,
  Group,
  Input,
  Paper,
  Select,
  Stack,
  Text,
  Textarea,
} from "@mantine/core";
import { useEffect, useState, type ReactNode } from "react";
import { textKey, type Catalogue, type Phrase } from "../../protocol/catalogue.js";
import { tagsFor } from "../../protocol/language.js";
import { CATALOGUE as ENGLISH } from "../../protocol/languages/en.js";
import { LANGUAGES } from "../../protocol/languages.js";
import { readFields } from "../../protocol/read.js";
import { useSpeech } from "../use-speech.js";
import { useEditing } from "./editing.js";
import { useEditorWords } from "./editor-words.js";
import { textIn } from "./row-values.js";

/** The owner's own words for the panel's, language by language. */
export function PhrasesField(): ReactNode {
  const { say } = useSpeech();
  const { editor } = useEditorWords();
  const { valueOf, change, errorOf } = useEditing();
  const own = readFields(valueOf("texts"));
  const known = ["en", ...Object.keys(LANGUAGES)].filter((tag) => tag !== "zh-hans");
  const [language, setLanguage] = useState(Object.keys(own)[0] ?? "en");
  const phrases = usePhrases(language);
  const words = readFields(own[language]);
  const path = `texts.${language}`;
  const add = (key: string | null): void => {
    if (key !== null && !(key in words)) change(`${path}.${key}`, phrases.get(key) ?? "");
  };
  return (
    <Input.Wrapper
      label={editor.phrases}
      description={editor.phrasesHelp}
      error={errorOf("texts") ?? errorOf(path)}
      labelElement="div"
    >
      <Stack gap="sm" mt={6}>
        <Autocomplete
          label={editor.phrasesLanguage}
          maw="20rem"
          value={language}
          // A dot would be a path's.
          onChange={(tag) => setLanguage(tag.replaceAll(/[^\w-]/g, ""))}
          data={[...new Set([...Object.keys(own), ...known])]}
        />
        {Object.keys(words).map((key) => (
          <Paper key={key} withBorder p="sm" radius="md">
            <Textarea
              label={key}
              description={phrases.get(key)}
              autosize
              value={textIn(words, key)}
              error={errorOf(`${path}.${key}`)}
              onChange={({ currentTarget }) => change(`${path}.${key}`, currentTarget.value)}
            />
            <Group justify="flex-end" mt="xs">
              <Button
                size="compact-xs"
                variant="subtle"
                color="gray"
                aria-label={say(editor.remove, { name: key })}
                onClick={() => change(`${path}.${key}`, undefined)}
              >
                {editor.ownWordsAway}
              </Button>
            </Group>
          </Paper>
        ))}
        <Select
          // Anew for each, so that it is empty again.
          key={Object.keys(words).length}
          label={editor.addPhrase}
          searchable
          limit={50}
          disabled={tagsFor(language).length === 0}
          nothingFoundMessage={<Text size="sm">{editor.noPhrase}</Text>}
          value={null}
          onChange={add}
          data={[...phrases]
            .filter(([key]) => !(key in words))
            .map(([value, label]) => ({ value, label: `${label} (${value})` }))}
        />
      </Stack>
    </Input.Wrapper>
  );
}

/** What the panel says in a language by itself, by the key of each phrase. */
function usePhrases(language: string): ReadonlyMap<string, string> {
  const [catalogue, setCatalogue] = useState<Catalogue>(ENGLISH);
  useEffect(() => {
    let isCurrent = true;
    const [load] = tagsFor(language).flatMap((tag) => LANGUAGES[tag] ?? []);
    const loading = load?.().then(
      (loaded) => loaded.CATALOGUE,
      () => ENGLISH,
    );
    void (loading ?? Promise.resolve(ENGLISH)).then((loaded) => {
      if (isCurrent) setCatalogue(loaded);
    });
    return () => {
      isCurrent = false;
    };
  }, [language]);
  return new Map(
    Object.entries(catalogue).flatMap(([group, phrases]) =>
      Object.entries<Phrase>(phrases).map(([key, phrase]): [string, string] => [
        textKey(group, key),
        typeof phrase === "string" ? phrase : phrase.other,
      ]),
    ),
  );
}
