/** What the console and its preview say to each other. The preview's origin is opaque, so that all goes through one port. */

/** What the preview can show, in the order of a visit. */
export const PREVIEW_STATES = [
  "closed",
  "empty",
  "consent",
  "pre-form",
  "connecting",
  "greeted",
  "thinking",
  "transcript",
  "cards",
  "form",
  "voice-listening",
  "voice-speaking",
  "no-microphone",
  "reconnecting",
  "not-sent",
  "ended",
  "feedback",
  "thanks",
  "past-talks",
] as const;
export type PreviewState = (typeof PREVIEW_STATES)[number];

/** What is to be shown. */
export interface PreviewRequest {
  /** `config.v1` as it is, finished or not. */
  readonly v1: unknown;
  readonly state: PreviewState;
  readonly theme: "light" | "dark";
  /** A BCP 47 tag; undefined: as the config says, else the browser's. */
  readonly language: string | undefined;
  /** Whether the panel has all of a small screen. */
  readonly isPhone: boolean;
}

/** What the preview tells by the port: it was clicked so that another state follows. */
export interface PreviewTurn {
  readonly state: PreviewState;
}

/** The preview's first word, to its window's parent. It is answered by `PREVIEW_PORT`, with a port. */
export const PREVIEW_READY = "parley-preview-ready";
export const PREVIEW_PORT = "parley-preview-port";
