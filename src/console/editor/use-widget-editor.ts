import { useMutation } from "@apollo/client/react";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { readFields } from "../../protocol/read.js";
import { hasCode } from "../api/graphql-client.js";
import {
  DiscardWidgetDraftDocument,
  SaveWidgetDraftDocument,
  UpdateWidgetDocument,
  type WidgetEditorQuery,
} from "../generated/operations.js";
import { useSession } from "../session/session.js";
import { useDraft } from "../use-draft.js";
import { differences, isSame, type Difference } from "./config-paths.js";
import {
  beginHistory,
  redone,
  undone,
  withEdit,
  type EditedDocument,
  type EditHistory,
} from "./edited-document.js";

export type EditedWidget = NonNullable<WidgetEditorQuery["widget"]>;

/** So long nothing is typed before the draft is kept on the platform. */
const PAUSE_MS = 600;

/** What the browser holds of a draft until the platform has it. */
interface Unsent {
  readonly document?: EditedDocument | undefined;
  readonly basedOn?: number | undefined;
}

export interface WidgetEditor {
  readonly document: EditedDocument;
  /** What differs from what visitors see. */
  readonly changes: readonly Difference[];
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  /** `kept`: the platform has the draft, too. */
  readonly keeping: "kept" | "keeping" | "failed";
  readonly isSaving: boolean;
  /** What the last save failed with. */
  readonly error: unknown;
  /** Whether somebody else has saved since this draft was begun. */
  readonly isBehind: boolean;
  /** @param place what is changed: what is typed there at one go is undone at one go */
  edit(document: EditedDocument, place: string): void;
  undo(): void;
  redo(): void;
  /** @param over whether what somebody else has saved is replaced */
  save(over?: boolean): Promise<void>;
  /** Back to what visitors see, which can be undone. */
  discard(): void;
}

/**
 * A widget's draft: edited here, kept in this browser at once and on the platform as soon as nothing is typed, and saved
 * when it is asked for.
 *
 * @param refetch asks for the widget again, whose fields are what visitors see
 */
export function useWidgetEditor(
  widget: EditedWidget,
  refetch: () => Promise<EditedWidget | undefined>,
): WidgetEditor {
  const { membership } = useSession();
  const unsent = useDraft<Unsent>(`editor.${membership.organization.id}.${widget.id}`, {});
  const live = useMemo(() => liveDocument(widget), [widget]);
  const newest = newestOf(widget);
  const [basedOn, setBasedOn] = useState(
    unsent.value.document ? unsent.value.basedOn : (widget.draft?.basedOn ?? newest),
  );
  const [history, setHistory] = useState<EditHistory>(() =>
    beginHistory(unsent.value.document ?? draftDocument(widget)),
  );
  const [sent, setSent] = useState<EditedDocument | undefined>(() =>
    unsent.value.document ? undefined : history.document,
  );
  const [keeping, setKeeping] = useState<WidgetEditor["keeping"]>("kept");
  const [isSaving, setIsSaving] = useState(false);
  const [error, setError] = useState<unknown>();
  const [saveDraft] = useMutation(SaveWidgetDraftDocument);
  const [discardDraft] = useMutation(DiscardWidgetDraftDocument);
  const [updateWidget] = useMutation(UpdateWidgetDocument);
  /** One request after the other: the last word is the last one sent. */
  const queue = useRef<Promise<unknown>>(Promise.resolve());
  const { document } = history;
  /** While a request is under way more may be typed, which is in this browser alone. */
  const latest = useRef(document);
  latest.current = document;
  const { id, draft } = widget;

  const inOrder = useCallback(<T>(send: () => Promise<T>): Promise<T> => {
    const answer = queue.current.then(send, send);
    queue.current = answer;
    return answer;
  }, []);
  const { change: holdHere } = unsent;
  const keep = useCallback(async (): Promise<void> => {
    const input = {
      id,
      ...withoutSame(document, live),
      domains: draft?.domains,
      published: draft?.published,
    };
    try {
      await inOrder(async () =>
        isSame(document, live)
          ? discardDraft({ variables: { input: { id } } })
          : saveDraft({ variables: { input: { ...input, basedOn } } }),
      );
      setSent(document);
      if (document !== latest.current) return;
      setKeeping("kept");
      holdHere({ document: undefined });
    } catch {
      // It is in this browser meanwhile, and sent with the next change or when the page is opened again.
      setKeeping("failed");
    }
  }, [id, document, live, draft, basedOn, inOrder, discardDraft, saveDraft, holdHere]);
  useEffect(() => {
    if (document === sent || isSaving) return undefined;
    const timer = setTimeout(() => void keep(), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [document, sent, isSaving, keep]);

  const show = (next: EditHistory): void => {
    if (next === history) return;
    // A draft that differs in nothing has yet to begin.
    const base = isSame(document, live) ? newest : basedOn;
    setBasedOn(base);
    setHistory(next);
    setKeeping("keeping");
    holdHere({ document: next.document, basedOn: base });
  };
  const save = async (over = false): Promise<void> => {
    setIsSaving(true);
    setError(undefined);
    try {
      const input = { id, ...document, ...(over ? {} : { basedOn }) };
      await inOrder(() => updateWidget({ variables: { input } }));
      await inOrder(() => discardDraft({ variables: { input: { id } } }));
      setSent(document);
      if (document === latest.current) {
        holdHere({ document: undefined });
        setKeeping("kept");
      }
      const saved = await refetch();
      setBasedOn(newestOf(saved ?? widget));
    } catch (reason) {
      setError(reason);
      // What the draft is compared with is what is there now.
      if (hasCode(reason, "CONFLICT", 409)) await refetch().catch(() => undefined);
    }
    setIsSaving(false);
  };
  return {
    document,
    changes: differences(live, document),
    canUndo: history.past.length > 0,
    canRedo: history.future.length > 0,
    keeping,
    isSaving,
    error,
    isBehind: hasCode(error, "CONFLICT", 0),
    edit: (to, place) => show(withEdit(history, to, place, Date.now())),
    undo: () => show(undone(history)),
    redo: () => show(redone(history)),
    save,
    discard: () => {
      setError(undefined);
      show(withEdit(history, live, "discard", Date.now()));
    },
  };
}

/** The number of its last save; undefined: it is older than its revisions. */
function newestOf({ revisions }: EditedWidget): number | undefined {
  return revisions?.nodes[0]?.number;
}

function liveDocument({ agentId, agentVersionId, config }: EditedWidget): EditedDocument {
  return { agentId, agentVersionId, config: readFields(config) };
}

/** The draft where there is one; what it leaves out is as the widget has it. */
function draftDocument(widget: EditedWidget): EditedDocument {
  const { draft } = widget;
  const live = liveDocument(widget);
  return {
    agentId: draft?.agentId ?? live.agentId,
    agentVersionId: draft?.agentVersionId ?? live.agentVersionId,
    config: draft?.config ? readFields(draft.config) : live.config,
  };
}

/** What of a document a draft has to hold. A version that is not chosen yet is left out. */
function withoutSame(document: EditedDocument, live: EditedDocument): Partial<EditedDocument> {
  const { agentId, agentVersionId, config } = document;
  return {
    ...(agentId === live.agentId ? {} : { agentId }),
    ...(agentVersionId === live.agentVersionId || agentVersionId === "" ? {} : { agentVersionId }),
    config,
  };
}
