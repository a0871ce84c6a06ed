/** What the console and a panel that shows a draft say to each other (contract section 8). */

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

/** What the panel tells whoever handed it over, of each start. */
export type DraftPreviewNews =
  | { readonly type: "parley_draft_preview_began"; readonly conversationId: string }
  /** `status` of HTTP; 0: the platform was not reached. */
  | { readonly type: "parley_draft_preview_refused"; readonly status: number };
