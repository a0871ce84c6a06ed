import type { Catalogue } from "./catalogue.js";

/** Loads the catalogue of a language, which is a file of its own in the browser. */
type Load = () => Promise<{ readonly CATALOGUE: Catalogue }>;

/** The languages beside English, which is always there. By tag in lower case. */
export const LANGUAGES: Readonly<Record<string, Load>> = {
  ar: () => import("./languages/ar.js"),
  de: () => import("./languages/de.js"),
  es: () => import("./languages/es.js"),
  fr: () => import("./languages/fr.js"),
  he: () => import("./languages/he.js"),
  it: () => import("./languages/it.js"),
  ja: () => import("./languages/ja.js"),
  nl: () => import("./languages/nl.js"),
  pl: () => import("./languages/pl.js"),
  pt: () => import("./languages/pt.js"),
  // Whoever reads traditional characters reads these sooner than English.
  zh: () => import("./languages/zh-hans.js"),
  "zh-hans": () => import("./languages/zh-hans.js"),
};
