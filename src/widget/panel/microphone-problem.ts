import { LOST } from "./capture.js";

/** Why there is no microphone, told apart because the visitor can do something different about each. */
export type MicrophoneProblem =
  | "denied"
  | "missing"
  | "busy"
  | "forbidden_by_page"
  | "insecure"
  | "lost"
  | "unknown";

export interface MicrophoneSurroundings {
  isSecure: boolean;
  hasMediaDevices: boolean;
  /** The host page's permissions policy; undefined where the browser does not tell. */
  isAllowedByPage: boolean | undefined;
}

export function explainMicrophone(
  error: unknown,
  { isSecure, hasMediaDevices, isAllowedByPage }: MicrophoneSurroundings,
): MicrophoneProblem {
  if (!isSecure || !hasMediaDevices) return "insecure";
  if (isAllowedByPage === false) return "forbidden_by_page";
  const name = error instanceof Error || isNamed(error) ? error.name : "";
  switch (name) {
    case "NotAllowedError":
    case "PermissionDeniedError":
    case "SecurityError":
      return "denied";
    case "NotFoundError":
    case "DevicesNotFoundError":
    case "OverconstrainedError":
      return "missing";
    case LOST:
      return "lost";
    case "NotReadableError":
    case "TrackStartError":
    case "AbortError":
      return "busy";
    default:
      return "unknown";
  }
}

/** What this window tells of itself. */
export function surroundings(): MicrophoneSurroundings {
  // Chromium's alone, and in no typings.
  const { featurePolicy } = document as Document & {
    featurePolicy?: { allowsFeature(name: string): boolean };
  };
  return {
    isSecure: window.isSecureContext,
    hasMediaDevices: "mediaDevices" in navigator,
    isAllowedByPage: featurePolicy?.allowsFeature("microphone"),
  };
}

function isNamed(value: unknown): value is { name: string } {
  return (
    typeof value === "object" && value !== null && "name" in value && typeof value.name === "string"
  );
}
