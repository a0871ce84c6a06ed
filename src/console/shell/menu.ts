import { lazy, type ComponentType } from "react";
import type { Scope } from "../generated/operations.js";
import type { Words } from "../words/console-words.js";

/** A page of the menu. */
export interface MenuEntry {
  readonly path: string;
  /** What the page needs; undefined: everybody may see it. */
  readonly scope: Scope | undefined;
  title(words: Words): string;
  /** Comes when it is opened. */
  readonly Page: ComponentType;
}

/** In the order in which they are shown. */
export const MENU: readonly MenuEntry[] = [
  {
    path: "/keys",
    scope: "ORGANIZATIONS_MANAGE",
    title: ({ keys }) => keys.title,
    Page: lazy(() =>
      import("../keys/keys-page.js").then(({ KeysPage }) => ({ default: KeysPage })),
    ),
  },
  {
    path: "/you",
    scope: undefined,
    title: ({ you }) => you.title,
    Page: lazy(() => import("../you/you-page.js").then(({ YouPage }) => ({ default: YouPage }))),
  },
];
