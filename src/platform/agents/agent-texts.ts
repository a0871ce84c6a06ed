/** In characters. */
export const AGENT_TEXTS = { name: { min: 1, max: 200 }, description: { max: 5000 } } as const;
