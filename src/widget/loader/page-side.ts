import type { ToPanel } from "../../protocol/panel-messages.js";
import type { Fields } from "../../protocol/read.js";
import type { Registry } from "./registry.js";
import type { ScriptAddress } from "./script-address.js";
import type { View } from "./view.js";

/** What the loader's two files know of one widget. The first makes it, the second takes it over. */
export interface PageSide {
  readonly address: ScriptAddress;
  readonly listeners: Registry["listeners"];
  /** Ends with the widget. */
  readonly signal: AbortSignal;
  /** What waits for the panel. */
  readonly outbox: ToPanel[];
  readonly logoutKey: string;
  /** Whom the page named. */
  identity: Fields | undefined;
  isOpen: boolean;
  /** Whether the panel was asked for, or sent away: then it does not open by itself. */
  shouldFocus: boolean;
  setOpen(on: boolean): void;
  /** The panel did not come: the visitor reads it, and it is tried again while they wait. */
  fail(text: string): void;
}

/** What the second file does for the first. */
export interface PanelSide {
  /** Makes the frame, if there is none yet, and shows it as the page says. */
  show(): void;
  /** The page says something else of `isOpen`. */
  follow(): void;
  /** The page says somebody else of `identity`. */
  identify(): void;
  /** Something more waits in the outbox. */
  flush(): void;
  /** @returns whether there is a panel to tell */
  logout(): boolean;
}

export type JoinPanel = (page: PageSide, view: View) => PanelSide;
