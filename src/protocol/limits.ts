/** Numbers that two programs know. */

/** Bytes of JSON in one RPC between agent and panel: LiveKit carries little more. */
export const MAX_CALL_BYTES = 15_000;

/** What a form may have (contract section 4). Titles and placeholders are held to what labels are. */
export const FORM_LIMITS = { fields: 50, options: 1000, labelCharacters: 2000 } as const;

/** Digits of a one-time code (card `collect_otp`). */
export const CODE_DIGITS = { min: 4, max: 8, default: 6 } as const;
