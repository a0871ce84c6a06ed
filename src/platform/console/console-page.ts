import type { ConsoleManifest } from "../../protocol/console-manifest.js";

/**
 * The one page of the console, whatever the address below it: its router reads that in the browser.
 *
 * @param parts.publicPath what stands before the platform's own paths, such as `/chat`.
 * @param parts.nonce lets in the style elements that the component library writes while the page runs.
 * @param parts.previewOrigin where versions are tried with an origin of their own; undefined: nowhere.
 */
export function consoleHtml(
  manifest: ConsoleManifest,
  parts: {
    readonly publicPath: string;
    readonly nonce: string;
    readonly previewOrigin: string | undefined;
  },
): string {
  const { publicPath, nonce, previewOrigin } = parts;
  const base = `${publicPath}/console`;
  const preloads = manifest.preload.map(
    (file) => `<link rel="modulepreload" href="${base}/${file}">`,
  );
  return `<!doctype html>
<html lang="en" data-base="${publicPath}"${previewOrigin === undefined ? "" : ` data-preview="${previewOrigin}"`}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>Parley</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${base}/${manifest.css}">
${preloads.join("\n")}
</head>
<body>
<div id="root"></div>
<noscript>The console needs JavaScript.</noscript>
<script type="module" src="${base}/${manifest.entry}" nonce="${nonce}"></script>
</body>
</html>
`;
}

/**
 * The page's own policy: scripts are files of this origin and nothing else, nobody frames it, nothing is sent elsewhere. It
 * frames the editor's preview, and what is tried, which may have an origin of its own.
 * Style elements need the nonce of the answer that they came with.
 */
export function consolePolicy(nonce: string, previewOrigin: string | undefined): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    ["frame-src 'self'", ...(previewOrigin === undefined ? [] : [previewOrigin])].join(" "),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}
