import { OperatorError } from "../process/operator-error.js";

/** What may be left out of an installation, and the part of Parley that then cannot run. */
interface OptionalPart {
  readonly packages: readonly string[];
  /** The beginning of a sentence. */
  readonly name: string;
  /** What an operator does who wants to be without it. */
  readonly otherwise: string;
}

export const EMBEDDED_LIVEKIT: OptionalPart = {
  packages: ["node-datachannel", "ws", "@livekit/protocol"],
  name: "The embedded LiveKit, which runs where LIVEKIT_URL names no other,",
  otherwise: "set LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET",
};

export const OWN_AGENT: OptionalPart = {
  packages: [
    "@livekit/agents",
    "@livekit/agents-plugin-openai",
    "@livekit/local-inference",
    "@livekit/rtc-node",
    "openai",
  ],
  name: "The agent that comes with Parley",
  otherwise: "set RUN_AGENT=false",
};

/** @throws OperatorError when a package that `part` needs is not installed. */
export function requirePackages({ packages, name, otherwise }: OptionalPart): void {
  const missing = packages.filter((one) => !isInstalled(one));
  if (missing.length === 0) return;
  throw new OperatorError(
    `${name} needs packages that are not installed here (${missing.join(", ")}): run \`npm ci\` without \`--omit\`, or ${otherwise}.`,
  );
}

function isInstalled(name: string): boolean {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
