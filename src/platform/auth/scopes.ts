/** Everything a token can be allowed to do [documented; organizations:manage is ours]. */
export const SCOPES = [
  "web_widgets:read",
  "web_widgets:manage",
  "agents:read",
  "agents:manage",
  "conversations:read",
  "conversations:read_sensitive",
  "conversations:manage",
  "organizations:manage",
] as const;

export type Scope = (typeof SCOPES)[number];

/** The scopes of which one is enough. Reads take the read or the manage scope, writes the manage scope. */
export const READ_WIDGETS: readonly Scope[] = ["web_widgets:read", "web_widgets:manage"];
export const MANAGE_WIDGETS: readonly Scope[] = ["web_widgets:manage"];
export const READ_AGENTS: readonly Scope[] = ["agents:read", "agents:manage"];
export const MANAGE_AGENTS: readonly Scope[] = ["agents:manage"];
export const READ_CONVERSATIONS: readonly Scope[] = ["conversations:read", "conversations:manage"];
export const READ_SENSITIVE: readonly Scope[] = ["conversations:read_sensitive"];
export const MANAGE_CONVERSATIONS: readonly Scope[] = ["conversations:manage"];
/** Whoever listens to a talk hears what its transcript will hold. */
export const LISTEN_IN: readonly Scope[] = [...READ_SENSITIVE, ...MANAGE_CONVERSATIONS];
export const MANAGE_ORGANIZATION: readonly Scope[] = ["organizations:manage"];

/** What each role may do [documented]. `viewer` reads, but not what is sensitive. */
export const ROLE_SCOPES: Record<"admin" | "viewer", readonly Scope[]> = {
  admin: SCOPES,
  viewer: SCOPES.filter((scope) => scope.endsWith(":read")),
};

export function isScope(value: string): value is Scope {
  return (SCOPES as readonly string[]).includes(value);
}
