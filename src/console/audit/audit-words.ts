import { pageWords } from "../page-words.js";
import { CATALOGUE as ENGLISH } from "../words/audit-en.js";

export const useAuditWords = pageWords(ENGLISH, { de: () => import("../words/audit-de.js") });

export type AuditWords = ReturnType<typeof useAuditWords>["auditLog"];
