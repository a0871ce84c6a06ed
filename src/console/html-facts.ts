/** What the page's HTML says of itself. */

/** What stands before the platform's own paths, such as `/chat`; usually empty. */
export const PUBLIC_PATH = document.documentElement.dataset["base"] ?? "";

/** Where the console's addresses begin. */
export const CONSOLE_PATH = `${PUBLIC_PATH}/console`;

/** Lets in the style elements that the component library writes. Browsers tell it to scripts alone. */
export const STYLE_NONCE = document.querySelector<HTMLElement>("script[nonce]")?.nonce ?? "";

/** Where a version is tried with an origin of its own, and so by voice; undefined: nowhere. */
export const PREVIEW_ORIGIN = document.documentElement.dataset["preview"];
