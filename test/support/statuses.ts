import { ConversationStatus } from "../../src/platform/database/generated/enums.js";

/** Every status that a conversation can have. */
export const CONVERSATION_STATUSES = Object.values(ConversationStatus);
