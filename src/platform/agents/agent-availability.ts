/** Whether some worker reported itself lately under the platform's agent name, and has room. */
export interface AgentAvailability {
  /** @returns false only when it is known that no agent would come: none is there, or all are full. */
  available(): Promise<boolean>;
  /** @returns how many more talks the workers take; infinite where one does not say. */
  free(): Promise<number>;
}
