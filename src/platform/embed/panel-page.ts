import type { AgentConfig } from "../../protocol/agent-config.js";
import type { EmbedManifest } from "../../protocol/widget-manifest.js";

/** What the panel page's policy depends on. */
export interface PanelPolicy {
  /** Whether its origin is to be nobody's, whoever opens it. */
  readonly isSandboxed?: boolean;
  /** The one origin that may frame it, in place of its own and `domains`. */
  readonly framedBy?: string;
  /** What it may ask for, in the words of `Permissions-Policy`; absent: all that a talk may need. */
  readonly permissions?: string;
  /** Origins that may frame it; empty: any. */
  readonly domains: readonly string[];
  readonly livekitUrl: string;
  readonly https: boolean;
}

export interface PanelKnowledge {
  readonly quickActions: readonly object[];
  readonly vision: AgentConfig["vision"];
  readonly hasVoice: boolean;
  /** The console's origin, where it hands over what is to be shown: an empty text where that is the page's own. */
  readonly draftFrom?: string;
}

/**
 * The page in the iframe. Nothing in it is inline, so its policy needs no exception.
 *
 * @param publicPath what stands before the platform's own paths, such as `/chat`.
 * @param known what the panel needs beside the widget's public answer, which is the documented object:
 * the agent version's quick actions, for a widget that has none, what it may be shown, and whether a talk may be spoken.
 */
export function panelHtml(
  { panel }: EmbedManifest,
  publicPath: string,
  { quickActions, vision, hasVoice, draftFrom }: PanelKnowledge,
): string {
  const files = `${publicPath}/public/embed`;
  const preloads = panel.preload.map(
    (file) => `<link rel="modulepreload" href="${files}/${file}">`,
  );
  const styles = panel.css ? [`<link rel="stylesheet" href="${files}/${panel.css}">`] : [];
  const sources = [vision?.video_input && "camera", vision?.screen_share && "screen"].filter(
    Boolean,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, interactive-widget=resizes-content">
<meta name="robots" content="noindex">
<title>Chat</title>
${[...styles, ...preloads].join("\n")}
</head>
<body>
<div id="root" data-quick-actions="${escapeAttribute(JSON.stringify(quickActions))}" data-voice="${hasVoice ? "on" : "off"}" data-vision="${sources.join(" ")}"${draftFrom === undefined ? "" : ` data-draft="${draftFrom}"`}></div>
<script type="module" src="${files}/${panel.entry}"></script>
</body>
</html>
`;
}

/** Headers of the panel page (contract section 8). There is no X-Frame-Options: it cannot name origins. */
export function panelHeaders(policy: PanelPolicy): Record<string, string> {
  const directives = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' https: http://localhost:* http://127.0.0.1:* data: blob:",
    "font-src 'self'",
    "media-src 'self' blob: mediastream:",
    "worker-src 'self' blob:",
    `connect-src 'self' ${livekitSources(policy.livekitUrl).join(" ")}`,
    "base-uri 'none'",
    "form-action 'none'",
  ];
  if (policy.framedBy !== undefined) directives.push(`frame-ancestors ${policy.framedBy}`);
  else if (policy.domains.length > 0)
    directives.push(`frame-ancestors 'self' ${policy.domains.join(" ")}`);
  // What a link opens is another page, with the origin that it has.
  if (policy.isSandboxed)
    directives.push(
      "sandbox allow-scripts allow-forms allow-popups allow-popups-to-escape-sandbox",
    );
  if (policy.https) directives.push("upgrade-insecure-requests");
  return {
    "Content-Security-Policy": directives.join("; "),
    "Content-Type": "text/html; charset=utf-8",
    "Cache-Control": "no-cache",
    // Pages that isolate themselves let in what says that it is isolated, too; pictures then come without credentials.
    "Cross-Origin-Embedder-Policy": "credentialless",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Permissions-Policy":
      policy.permissions ??
      "microphone=(self), camera=(self), display-capture=(self), geolocation=()",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    ...(policy.https ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
  };
}

function escapeAttribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

/** LiveKit's signalling, and its HTTP side on the same host. LiveKit Cloud moves a client to another region's host. */
function livekitSources(url: string): string[] {
  const { protocol, host, hostname } = new URL(url);
  const secure = protocol === "wss:" || protocol === "https:";
  const sources = secure
    ? [`wss://${host}`, `https://${host}`]
    : [`ws://${host}`, `http://${host}`];
  return hostname.endsWith(".livekit.cloud")
    ? [...sources, "wss://*.livekit.cloud", "https://*.livekit.cloud"]
    : sources;
}
