import { createTheme, darken, MantineProvider, type CSSVariablesResolver } from "@mantine/core";
import type { ReactNode } from "react";
import { Route, Router, Switch } from "wouter";
import { CONSOLE_PATH, STYLE_NONCE } from "./html-facts.js";
import { SessionProvider } from "./session/session.js";
import { Pages } from "./shell/pages.js";
import { Shell } from "./shell/shell.js";
import { LinkPage } from "./sign-in/link-page.js";
import { SignInPage } from "./sign-in/sign-in-page.js";
import { SpeechProvider } from "./use-speech.js";

const FONTS =
  "Inter, ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";

/** The library's grey of the dark, with some blue and a deeper page. */
const NIGHT = [
  "#dfe1e5",
  "#b3b8c0",
  "#8b919c",
  "#5d636e",
  "#3b4049",
  "#2e323a",
  "#24272e",
  "#16181d",
  "#111317",
  "#0c0e11",
] as const;

/** The header element of what stands over a page would be the page's second banner. */
const NO_BANNER = { header: { role: "none" } };

const theme = createTheme({
  primaryColor: "teal",
  // Of the library's shades the first that is read well on white, and on which white is.
  primaryShade: 9,
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  colors: { dark: NIGHT },
  fontFamily: FONTS,
  headings: { fontFamily: FONTS, fontWeight: "650" },
  components: {
    Modal: {
      defaultProps: { radius: "lg", padding: "lg", centered: true, attributes: NO_BANNER },
      styles: { title: { fontWeight: 600 } },
    },
    Drawer: { defaultProps: { attributes: NO_BANNER } },
    Badge: { defaultProps: { tt: "none", miw: "max-content" } },
    Paper: { defaultProps: { radius: "lg" } },
    Alert: { defaultProps: { radius: "md" } },
  },
});

/**
 * Some of the library's own shades are read badly: of what is less important, of what is wrong, of a button that is
 * pointed at, and of its own colour on a light form of it.
 */
const readableShades: CSSVariablesResolver = ({ colors }) => {
  const pointedAt = darken(colors.teal[9], 0.15);
  return {
    variables: {},
    light: {
      "--mantine-color-teal-filled-hover": pointedAt,
      "--mantine-color-dimmed": colors.gray[7],
      "--mantine-color-error": colors.red[9],
      "--mantine-color-teal-light-color": darken(colors.teal[9], 0.3),
    },
    dark: {
      "--mantine-color-teal-filled-hover": pointedAt,
      "--mantine-color-dimmed": colors.dark[1],
      "--mantine-color-error": colors.red[4],
    },
  };
};

export function ConsoleApp(): ReactNode {
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={readableShades}
      defaultColorScheme="auto"
      getStyleNonce={() => STYLE_NONCE}
    >
      <SpeechProvider>
        <Router base={CONSOLE_PATH}>
          <Switch>
            <Route path="/sign-in">
              <SignInPage />
            </Route>
            <Route path="/link">
              <LinkPage />
            </Route>
            <Route>
              <SessionProvider>
                <Shell>
                  <Pages />
                </Shell>
              </SessionProvider>
            </Route>
          </Switch>
        </Router>
      </SpeechProvider>
    </MantineProvider>
  );
}
