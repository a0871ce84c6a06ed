import { ColorInput, MantineThemeProvider } from "@mantine/core";
import type { ReactNode } from "react";
import { useEditorWords } from "./editor-words.js";

/** A colour, typed or picked. @param onChange is told "" for none, too; sometimes the same one again */
export function ColorField({
  value,
  onChange,
  ...texts
}: {
  readonly label: string;
  readonly description?: string | undefined;
  readonly error?: string | undefined;
  readonly value: string;
  readonly onChange: (color: string) => void;
}): ReactNode {
  const { editor } = useEditorWords();
  // The field hands no words on to its picker.
  const theme = {
    components: {
      ColorPicker: {
        defaultProps: { saturationLabel: editor.saturation, hueLabel: editor.hue },
      },
    },
  };
  return (
    <MantineThemeProvider theme={theme}>
      <ColorInput
        {...texts}
        maw="20rem"
        eyeDropperButtonProps={{ "aria-label": editor.pickColor }}
        // Among what it belongs to, for who hears the page.
        popoverProps={{ withinPortal: false }}
        placeholder={editor.builtIn}
        value={value}
        onChange={onChange}
      />
    </MantineThemeProvider>
  );
}
