/** A hundred years; null stands for ever. */
export const MAX_RETENTION_DAYS = 36_500;
