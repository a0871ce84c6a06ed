/** What worker and platform agree on; plain values, so that both may import them. */

/** A worker that is registered with LiveKit reports itself at least this often. */
export const HEARTBEAT_SECONDS = 5;
/** At most this many turns in one request. */
export const MAX_TURNS = 50;
/** Characters of one turn. */
export const MAX_TURN_CHARACTERS = 20_000;
/** Bytes of one turn's tool call as JSON. */
export const MAX_TOOL_CALL_BYTES = 32 * 1024;
