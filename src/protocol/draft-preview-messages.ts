/** What the console and a panel that shows a draft say to each other (contract section 8), once each. */

/** The panel's page: it is there, and waits for what it is to show. */
export const DRAFT_PREVIEW_READY = "parley_draft_preview_ready";

/** The console's answer. */
export interface DraftPreviewHandover {
  readonly type: "parley_draft_preview";
  /** For one start. */
  readonly token: string;
  /** The look, as `createDraftPreview` answers it. */
  readonly widgetConfig: unknown;
  /** Those of the version, for a look that has none. */
  readonly quickActions: unknown;
}
