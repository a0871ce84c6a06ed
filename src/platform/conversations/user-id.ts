/** What a visitor's name may be. */
export const USER_ID = {
  minLength: 1,
  maxLength: 255,
  pattern: String.raw`^[^\u0000-\u001f\u007f-\u009f]*$`,
} as const;
