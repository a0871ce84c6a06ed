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

const theme = createTheme({
  primaryColor: "teal",
  // Of the library's shades the first that is read well on white, and on which white is.
  primaryShade: 9,
  autoContrast: true,
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // The library's dialogs have a header element, which would be a second banner of the page.
    Modal: { defaultProps: { attributes: { header: { role: "none" } } } },
  },
});

/** Some of the library's own shades are read badly: of what is less important, and of its own colour on a light form of it. */
const readableShades: CSSVariablesResolver = ({ colors }) => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": colors.gray[7],
    "--mantine-color-teal-light-color": darken(colors.teal[9], 0.3),
  },
  dark: { "--mantine-color-dimmed": colors.dark[1] },
});

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
