import type { PreviewManifest } from "../../protocol/console-manifest.js";

/**
 * The page in which the editor shows the panel. What it is to show comes from the window that frames it.
 *
 * @param publicPath what stands before the platform's own paths, such as `/chat`.
 */
export function previewHtml({ entry, css, preload }: PreviewManifest, publicPath: string): string {
  const base = `${publicPath}/console/preview`;
  // A module's request says that it comes from no origin, and so does what is loaded before it is asked for.
  const preloads = preload.map(
    (file) => `<link rel="modulepreload" href="${base}/${file}" crossorigin>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Preview</title>
<link rel="stylesheet" href="${base}/${css}">
${preloads.join("\n")}
</head>
<body>
<div id="root"></div>
<script type="module" src="${base}/${entry}"></script>
</body>
</html>
`;
}

/**
 * The panel's code runs there with what somebody has just typed, so that its origin is one of its own, which nothing
 * of the console's can be reached from: no cookie, no storage, no window. It asks nobody for anything but its own files and
 * the pictures that the config names; only the console frames it.
 */
export const PREVIEW_HEADERS: Readonly<Record<string, string>> = {
  "Content-Security-Policy": [
    "sandbox allow-scripts",
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src https: http://localhost:* http://127.0.0.1:* data: blob:",
    "media-src blob: mediastream:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join("; "),
  "Permissions-Policy": "microphone=(), camera=(), display-capture=(), geolocation=()",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-cache",
};
