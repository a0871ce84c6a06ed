import type { Catalogue } from "./strings.js";

/** Loads the catalogue of a language, a file of its own. */
export type Load = () => Promise<{ readonly CATALOGUE: Catalogue }>;

/** By tag in lower case, beside English: the widget's build puts every file of `languages/` in here. */
export const LANGUAGES: Readonly<Record<string, Load>> = {};
