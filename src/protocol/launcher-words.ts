import { CATALOGUE as ENGLISH } from "./languages/en.js";
import { LANGUAGES } from "./languages.js";

// Worked out when the loader is built (`src/tooling/bundling.ts`): its second file gets these few words of each catalogue.

const catalogues = Object.entries(LANGUAGES).map(
  async ([tag, load]) => [tag, (await load()).CATALOGUE] as const,
);

/** What the launcher says, and of the panel's words those that are needed before it is there, by tag in lower case. */
export const LAUNCHER_WORDS = Object.fromEntries(
  [["en", ENGLISH] as const, ...(await Promise.all(catalogues))].map(([tag, catalogue]) => {
    const { title, loadFailed, retry } = catalogue.strings;
    return [tag, { ...catalogue.launcher, title, loadFailed, retry }];
  }),
);

export type LauncherWords = (typeof LAUNCHER_WORDS)[string];
