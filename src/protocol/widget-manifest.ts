/** What the build tells the server of the widget's files. Every path is relative to the output directory. */
export interface EmbedManifest {
  loader: { file: string; gzipBytes: number };
  /** The loader that was released last, which is served for ever. */
  released: { file: string; integrity: string } | undefined;
  /** The loader's second file. */
  frame: { file: string; gzipBytes: number };
  panel: { entry: string; css: string; preload: readonly string[]; gzipBytes: number };
  livekit: { file: string; gzipBytes: number };
  markdown: { file: string; gzipBytes: number };
  phones: { file: string; gzipBytes: number };
}
