import type { AgentVersionsQuery } from "../generated/operations.js";

/** An agent with its versions and its widgets. */
export type ShownAgent = NonNullable<AgentVersionsQuery["agent"]>;
