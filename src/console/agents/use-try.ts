import { useMutation } from "@apollo/client/react";
import { useState } from "react";
import {
  CreateDraftPreviewDocument,
  type CreateDraftPreviewMutation,
} from "../generated/operations.js";

export type MadeTest = NonNullable<CreateDraftPreviewMutation["createDraftPreview"]>;

/** What of a version is needed to try it. */
interface Tried {
  readonly agentId: string;
  readonly version: number;
  readonly updatedAt: string;
}

/** A version that is tried, one test after the other. */
export interface Trying {
  readonly isOpen: boolean;
  /** The widget whose look the test has; empty: the default look. */
  readonly widgetId: string;
  /** The test that is to be shown; undefined while it is made, or where it could not be. */
  readonly test: MadeTest | undefined;
  readonly error: unknown;
  /** Whether the version was saved since the test was made. */
  readonly isBehind: boolean;
  /** With a new test, of what is saved now. */
  open(): void;
  close(): void;
  startAgain(): void;
  choose(widgetId: string): void;
}

/** Makes tests of a version: each is of what the version and the look are when it is made. */
export function useTry({ agentId, version, updatedAt }: Tried): Trying {
  const [isOpen, setIsOpen] = useState(false);
  const [widgetId, setWidgetId] = useState("");
  const [triedAt, setTriedAt] = useState(updatedAt);
  // A token is kept nowhere but on the page.
  const [make, { data, error, reset }] = useMutation(CreateDraftPreviewDocument, {
    fetchPolicy: "no-cache",
  });
  const begin = (look: string): void => {
    setTriedAt(updatedAt);
    const input = { agentId, version, widgetId: look === "" ? null : look };
    // The result of the last call alone is shown, its failure too.
    make({ variables: { input } }).catch(() => {});
  };
  return {
    isOpen,
    widgetId,
    test: data?.createDraftPreview ?? undefined,
    error,
    isBehind: triedAt !== updatedAt,
    open: () => {
      setIsOpen(true);
      begin(widgetId);
    },
    close: () => {
      setIsOpen(false);
      reset();
    },
    startAgain: () => begin(widgetId),
    choose: (look) => {
      setWidgetId(look);
      begin(look);
    },
  };
}
