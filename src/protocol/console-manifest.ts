/** What the build tells the server of the console's files. Every path is relative to the output directory. */
export interface ConsoleManifest {
  entry: string;
  css: string;
  /** What the entry imports at once. */
  preload: readonly string[];
  /** Of all that the first page loads. */
  gzipBytes: number;
}

/** The same of the preview's files. */
export type PreviewManifest = Pick<ConsoleManifest, "entry" | "css" | "preload">;
