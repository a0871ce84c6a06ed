import type { InAnyLanguage } from "../../protocol/catalogue.js";
import type { CATALOGUE as ENGLISH } from "../words/agents-en.js";

type All = InAnyLanguage<typeof ENGLISH>;
export type AgentFieldWords = All["agentFields"];
export type AgentChoiceWords = All["agentChoices"];
export type AgentWarningWords = All["agentWarnings"];
