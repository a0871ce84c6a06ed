import { make } from "./elements.js";
import { FRAME } from "./frame-name.js";
import type { JoinPanel } from "./page-side.js";

let tries = 0;

/**
 * The loader's second file, from where the first one came, and only as it was built.
 *
 * @param nonce by which the page's policy knows the first file
 */
export async function fetchFrame(base: string, nonce: string): Promise<JoinPanel> {
  // A browser asks no second time for a module that it could not load.
  const href = `${base}/public/embed/${FRAME.file}${tries++ ? `?${tries}` : ""}`;
  const { integrity } = FRAME;
  // `import()` knows no hash; it takes what was loaded before it, by this, with one.
  const link = make("link", { rel: "modulepreload", href, crossOrigin: "", integrity, nonce });
  document.head.append(link);
  try {
    return ((await import(href)) as { joinPanel: JoinPanel }).joinPanel;
  } finally {
    link.remove();
  }
}
