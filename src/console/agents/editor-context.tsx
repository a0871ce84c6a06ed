import { Text } from "@mantine/core";
import { TriangleAlert } from "lucide-react";
import { createContext, useContext, type ReactNode } from "react";
import classes from "./agents.module.css";
import { notesAt, type ConfigNote } from "./config-places.js";

/** What every field of an editor knows. */
export interface EditorState {
  readonly isReadOnly: boolean;
  /** What has no effect. */
  readonly warnings: readonly ConfigNote[];
  /** What the server refused. */
  readonly problems: readonly ConfigNote[];
  /** What the operator offers for a field. */
  offered(path: string): readonly string[];
}

export const EditorContext = createContext<EditorState>({
  isReadOnly: true,
  warnings: [],
  problems: [],
  offered: () => [],
});

interface FieldNotes {
  readonly warnings: readonly ConfigNote[];
  /** In one sentence, as an input shows it. */
  readonly problem: string | undefined;
}

/** What is said about one field. @param isWhole whether it also speaks for what is in its value */
export function useNotes(path: string, isWhole = true): FieldNotes {
  const { warnings, problems } = useContext(EditorContext);
  const refused = notesAt(problems, path, isWhole).map(({ message }) => message);
  return {
    warnings: notesAt(warnings, path, isWhole),
    problem: refused.length > 0 ? refused.join(" ") : undefined,
  };
}

/** What stands below a label: what the field is for, and what of it has no effect. Undefined: nothing. */
export function describeField(help: string | undefined, { warnings }: FieldNotes): ReactNode {
  if (help === undefined && warnings.length === 0) return undefined;
  return (
    <>
      {help}
      <Warnings warnings={warnings} />
    </>
  );
}

/** Inside of a sentence's element. */
function Warnings({ warnings }: { readonly warnings: readonly ConfigNote[] }): ReactNode {
  return warnings.map(({ path, message }) => (
    <span key={path} className={classes.warning}>
      <TriangleAlert size={14} aria-hidden />
      <span>{message}</span>
    </span>
  ));
}

/** The notes about several fields together. */
export function GroupNotes({
  path,
  help,
}: {
  readonly path: string;
  readonly help?: string | undefined;
}): ReactNode {
  const notes = useNotes(path, false);
  const description = describeField(help, notes);
  return (
    <>
      {description !== undefined && (
        <Text size="sm" c="dimmed" component="div">
          {description}
        </Text>
      )}
      {notes.problem !== undefined && (
        <Text size="sm" c="var(--mantine-color-error)" role="alert">
          {notes.problem}
        </Text>
      )}
    </>
  );
}
