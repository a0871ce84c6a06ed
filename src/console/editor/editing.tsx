import { createContext, useContext } from "react";

/** What the fields of the editor share. Paths are those of `config.v1`, such as `chat.title`. */
export interface Editing {
  /** `config.v1`, finished or not. */
  readonly v1: unknown;
  valueOf(path: string): unknown;
  /** @param value undefined takes the key away. */
  change(path: string, value: unknown): void;
  /** Several keys at once, which are undone at once. */
  changeAll(changes: readonly (readonly [path: string, value: unknown])[]): void;
  /** Why a value is refused; undefined: it is not. */
  errorOf(path: string): string | undefined;
}

const EditingContext = createContext<Editing | undefined>(undefined);
export const EditingProvider = EditingContext.Provider;

export function useEditing(): Editing {
  const editing = useContext(EditingContext);
  if (editing === undefined) throw new Error("Nothing is edited outside of the editor.");
  return editing;
}
