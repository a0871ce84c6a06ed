import { Alert, Button, Fieldset, Group, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { parseColor } from "../../protocol/color.js";
import { DARK_PANEL, LIGHT_PANEL, modeColors } from "../../protocol/mode-colors.js";
import { readText } from "../../protocol/read.js";
import { useSpeech } from "../use-speech.js";
import classes from "../shell/shell.module.css";
import { ColorField } from "./color-field.js";
import { KeyField } from "./key-field.js";
import { useEditing } from "./editing.js";
import { PALETTE_FIELDS } from "./editor-fields.js";
import { useEditorWords } from "./editor-words.js";
import { contrastProblems, type Mode } from "./palette-contrast.js";

const BRAND_PATH = "chat.light_mode.background_color.controls_button";

/** One colour, from which those of both modes are made. */
export function MainColorField(): ReactNode {
  const { editor } = useEditorWords();
  const { valueOf, changeAll, change } = useEditing();
  const value = readText(valueOf(BRAND_PATH)) ?? "";
  const choose = (color: string): void => {
    // The field tells what it has whenever it is left, too: palettes of one's own stay.
    if (color === value) return;
    const brand = parseColor(color);
    if (brand === null) return change(BRAND_PATH, color === "" ? undefined : color);
    changeAll([
      ["chat.light_mode", modeColors(brand, LIGHT_PANEL)],
      ["chat.dark_mode", modeColors(brand, DARK_PANEL)],
    ]);
  };
  return (
    <ColorField
      label={editor.brand}
      description={editor.brandHelp}
      value={value}
      onChange={choose}
    />
  );
}

/** The colours of one mode, and what is wrong with them. */
export function PaletteFields({ mode }: { readonly mode: Mode }): ReactNode {
  const { say } = useSpeech();
  const { editor } = useEditorWords();
  const { valueOf, changeAll } = useEditing();
  const problems = contrastProblems(valueOf(`chat.${mode}`), mode);
  const fix = (): void =>
    changeAll(problems.map(({ path, fix: color }) => [`chat.${mode}.${path}`, color]));
  return (
    <Fieldset legend={mode === "light_mode" ? editor.lightMode : editor.darkMode}>
      <Stack gap="md">
        {PALETTE_FIELDS.map((row) => (
          <KeyField key={row.path} {...row} path={`chat.${mode}.${row.path}`} />
        ))}
        {problems.length > 0 && (
          <Alert color="yellow" role="alert" className={classes.notice}>
            <Stack gap="xs" align="flex-start">
              {problems.map(({ path, ratio }) => {
                const row = PALETTE_FIELDS.find((one) => one.path === path);
                const isText = path.startsWith("text_color");
                return (
                  <Text size="sm" key={path}>
                    {say(isText ? editor.hardToRead : editor.hardToSee, {
                      what: row ? editor[row.label] : path,
                      ratio: Math.floor(ratio * 10) / 10,
                    })}
                  </Text>
                );
              })}
              <Group>
                <Button size="xs" variant="default" onClick={fix}>
                  {editor.fixContrast}
                </Button>
              </Group>
            </Stack>
          </Alert>
        )}
      </Stack>
    </Fieldset>
  );
}
