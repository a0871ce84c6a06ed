import type { Role } from "../generated/operations.js";
import type { Words } from "../words/console-words.js";

/** The roles that somebody may have, for a choice among them. */
export function roleChoices({ shell }: Words): { value: Role; label: string }[] {
  return [
    { value: "VIEWER", label: shell.roleViewer },
    { value: "ADMIN", label: shell.roleAdmin },
  ];
}
