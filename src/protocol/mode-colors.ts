import { readableTextOn, toHex, withContrast, WHITE, type Color } from "./color.js";

/** The colours of one mode in a widget's `config.v1`, which its known surfaces all have. */
export interface ModeColors {
  background_color: { user_message: string; controls_button: string };
  text_color: { user_message: string; controls_button: string };
}

/** The panel's own grounds, which buttons and messages must stand out from. */
export const LIGHT_PANEL: Color = WHITE;
export const DARK_PANEL: Color = { red: 0x11, green: 0x13, blue: 0x18 };

/** WCAG 2 AA for the outline of a control; a message only has to be seen as a shape. */
export const CONTROL_CONTRAST = 3;
const MESSAGE_CONTRAST = 1.25;

/** The colours that a brand's own makes on a ground: near to it, and what is written on them meets WCAG AA. */
export function modeColors(brand: Color, panel: Color): ModeColors {
  const message = withContrast(brand, panel, MESSAGE_CONTRAST);
  const button = withContrast(brand, panel, CONTROL_CONTRAST);
  return {
    background_color: { user_message: toHex(message), controls_button: toHex(button) },
    text_color: {
      user_message: toHex(readableTextOn(message)),
      controls_button: toHex(readableTextOn(button)),
    },
  };
}
