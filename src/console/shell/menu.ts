import {
  Bot,
  History,
  Inbox,
  KeyRound,
  MessageSquareText,
  UserRound,
  Users,
  type LucideIcon,
} from "lucide-react";
import { lazy, type ComponentType } from "react";
import type { Scope } from "../generated/operations.js";
import type { Words } from "../words/console-words.js";

/** A page of the menu. */
interface MenuEntry {
  readonly path: string;
  readonly Icon: LucideIcon;
  /** What the page needs; undefined: everybody may see it. */
  readonly scope: Scope | undefined;
  title(words: Words): string;
  /** Comes when it is opened. */
  readonly Page: ComponentType;
  /** What stands below it and is in no menu. */
  readonly below?: readonly Pick<MenuEntry, "path" | "scope" | "Page">[];
}

/** In the order in which they are shown. */
export const MENU: readonly MenuEntry[] = [
  {
    path: "/widgets",
    Icon: MessageSquareText,
    scope: "WEB_WIDGETS_READ",
    title: ({ widgets }) => widgets.title,
    Page: lazy(() =>
      import("../widgets/widgets-page.js").then(({ WidgetsPage }) => ({ default: WidgetsPage })),
    ),
    below: [
      {
        path: "/widgets/new",
        scope: "WEB_WIDGETS_MANAGE",
        Page: lazy(() =>
          import("../widgets/new-widget-page.js").then(({ NewWidgetPage }) => ({
            default: NewWidgetPage,
          })),
        ),
      },
      {
        path: "/widgets/:id",
        scope: "WEB_WIDGETS_MANAGE",
        Page: lazy(() =>
          import("../editor/editor-page.js").then(({ EditorPage }) => ({ default: EditorPage })),
        ),
      },
      {
        path: "/widgets/:id/access",
        scope: "WEB_WIDGETS_READ",
        Page: lazy(() =>
          import("../widgets/widget-access-page.js").then(({ WidgetAccessPage }) => ({
            default: WidgetAccessPage,
          })),
        ),
      },
      {
        path: "/widgets/:id/history",
        scope: "WEB_WIDGETS_READ",
        Page: lazy(() =>
          import("../widgets/widget-history-page.js").then(({ WidgetHistoryPage }) => ({
            default: WidgetHistoryPage,
          })),
        ),
      },
      {
        path: "/widgets/:id/install",
        scope: "WEB_WIDGETS_READ",
        Page: lazy(() =>
          import("../widgets/install-page.js").then(({ InstallPage }) => ({
            default: InstallPage,
          })),
        ),
      },
    ],
  },
  {
    path: "/agents",
    Icon: Bot,
    scope: "AGENTS_READ",
    title: ({ agents }) => agents.title,
    Page: lazy(() =>
      import("../agents/agents-page.js").then(({ AgentsPage }) => ({ default: AgentsPage })),
    ),
    below: [
      {
        path: "/agents/:id/compare",
        scope: "AGENTS_READ",
        Page: lazy(() =>
          import("../agents/compare-page.js").then(({ ComparePage }) => ({ default: ComparePage })),
        ),
      },
      {
        path: "/agents/:id/versions/:version",
        scope: "AGENTS_READ",
        Page: lazy(() =>
          import("../agents/version-page.js").then(({ VersionPage }) => ({ default: VersionPage })),
        ),
      },
      {
        path: "/agents/:id",
        scope: "AGENTS_READ",
        Page: lazy(() =>
          import("../agents/agent-page.js").then(({ AgentPage }) => ({ default: AgentPage })),
        ),
      },
    ],
  },
  {
    path: "/conversations",
    Icon: Inbox,
    scope: "CONVERSATIONS_READ",
    title: ({ conversations }) => conversations.title,
    Page: lazy(() =>
      import("../conversations/inbox-page.js").then(({ InboxPage }) => ({ default: InboxPage })),
    ),
    below: [
      {
        path: "/conversations/:id",
        scope: "CONVERSATIONS_READ",
        Page: lazy(() =>
          import("../conversations/conversation-page.js").then(({ ConversationPage }) => ({
            default: ConversationPage,
          })),
        ),
      },
    ],
  },
  {
    path: "/people",
    Icon: Users,
    scope: "ORGANIZATIONS_MANAGE",
    title: ({ people }) => people.title,
    Page: lazy(() =>
      import("../people/people-page.js").then(({ PeoplePage }) => ({ default: PeoplePage })),
    ),
  },
  {
    path: "/keys",
    Icon: KeyRound,
    scope: "ORGANIZATIONS_MANAGE",
    title: ({ keys }) => keys.title,
    Page: lazy(() =>
      import("../keys/keys-page.js").then(({ KeysPage }) => ({ default: KeysPage })),
    ),
  },
  {
    path: "/audit",
    Icon: History,
    scope: "ORGANIZATIONS_MANAGE",
    title: ({ audit }) => audit.title,
    Page: lazy(() =>
      import("../audit/audit-page.js").then(({ AuditPage }) => ({ default: AuditPage })),
    ),
  },
  {
    path: "/you",
    Icon: UserRound,
    scope: undefined,
    title: ({ you }) => you.title,
    Page: lazy(() => import("../you/you-page.js").then(({ YouPage }) => ({ default: YouPage }))),
  },
];
