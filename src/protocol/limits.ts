/** Numbers that two programs know. */

/** Bytes of JSON in one RPC between agent and panel: LiveKit carries little more. */
export const MAX_CALL_BYTES = 15_000;
