/** Numbers that two programs know: what is stored is held to them, and who reads it takes no more. */

/** Bytes of JSON in one RPC between agent and panel: LiveKit carries little more. */
export const MAX_CALL_BYTES = 15_000;

/** What a form may have (contract section 4). Titles and placeholders are held to what labels are. */
export const FORM_LIMITS = { fields: 50, options: 1000, labelCharacters: 2000 } as const;

/** Digits of a one-time code (card `collect_otp`). */
export const CODE_DIGITS = { min: 4, max: 8, default: 6 } as const;

/** Of a widget's or an agent's config: questions above the closed launcher, buttons in the panel. */
export const CONFIG_LIMITS = { questions: 8, quickActions: 8, textLanguages: 40 } as const;

/** What a start takes of a visitor: their name, and JSON about them (contract section 5). */
export const VISITOR_LIMITS = {
  userIdCharacters: 255,
  metadataBytes: 16 * 1024,
  pageBytes: 2 * 1024,
} as const;
/** How far ahead an identity token may end, and how long after its end it is still good. */
export const IDENTITY_LIMITS = { longestSeconds: 24 * 60 * 60, leewaySeconds: 60 } as const;

/** A worker that is registered with LiveKit reports itself at least this often. */
export const HEARTBEAT_SECONDS = 5;
/** At most this many turns in one request. */
export const MAX_TURNS = 50;
/** Characters of one turn, and so of a message. */
export const MAX_TURN_CHARACTERS = 20_000;
/** Bytes of one turn's tool call as JSON. */
export const MAX_TOOL_CALL_BYTES = 32_768;
