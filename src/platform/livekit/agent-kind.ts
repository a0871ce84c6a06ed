/** LiveKit's `ParticipantInfo.Kind.AGENT`, which the SDK does not export. */
export const AGENT_KIND = 4;
