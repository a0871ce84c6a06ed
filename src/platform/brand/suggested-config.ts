import type { Color } from "../../protocol/color.js";
import {
  DARK_PANEL,
  LIGHT_PANEL,
  modeColors,
  type ModeColors,
} from "../../protocol/mode-colors.js";

/** The part of a widget's `config.v1` that a brand suggests; what is not known is left out. */
export interface SuggestedConfig {
  theme: "system" | "dark";
  chat: {
    title?: string;
    logo_url?: string;
    avatar_url?: string;
    light_mode?: ModeColors;
    dark_mode?: ModeColors;
  };
}

export interface SuggestionInput {
  name: string | null;
  /** The colour that stands for the brand; null for one that is all black and white. */
  primary: Color | null;
  /** Whether any colour was found at all: if not, the widget's own defaults stay. */
  hasColors: boolean;
  /** Whether the site is made for dark mode. */
  dark: boolean;
  logoUrl: string | null;
  avatarUrl: string | null;
}

const INK: Color = { red: 0x1f, green: 0x29, blue: 0x37 };
const PAPER: Color = { red: 0xe5, green: 0xe7, blue: 0xeb };

/** A `v1` object whose values pass the rules of `config.v1` and whose text meets WCAG AA. */
export function suggestConfig(input: SuggestionInput): SuggestedConfig {
  const { primary, hasColors } = input;
  const logoUrl = storableUrl(input.logoUrl);
  const avatarUrl = storableUrl(input.avatarUrl);
  return {
    theme: input.dark ? "dark" : "system",
    chat: {
      ...(input.name === null ? {} : { title: input.name }),
      ...(logoUrl === null ? {} : { logo_url: logoUrl }),
      ...(avatarUrl === null ? {} : { avatar_url: avatarUrl }),
      ...(hasColors && {
        light_mode: modeColors(primary ?? INK, LIGHT_PANEL),
        dark_mode: modeColors(primary ?? PAPER, DARK_PANEL),
      }),
    },
  };
}

/** A config takes https only, so that a secure page may show it. */
function storableUrl(url: string | null): string | null {
  return url?.startsWith("https://") === true && url.length <= 2048 ? url : null;
}
