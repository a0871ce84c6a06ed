import { VISITOR_LIMITS } from "../../protocol/limits.js";

/** What a visitor's name may be. */
export const USER_ID = {
  minLength: 1,
  maxLength: VISITOR_LIMITS.userIdCharacters,
  pattern: String.raw`^[^\u0000-\u001f\u007f-\u009f]*$`,
} as const;
