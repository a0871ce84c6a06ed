/** Whether some worker reported itself lately under the platform's agent name. */
export interface AgentPresence {
  /** @returns false only when the agent is known to be down. */
  available(): Promise<boolean>;
}
