import { Badge } from "@mantine/core";
import type { ReactNode } from "react";
import type { ConversationStatus } from "../generated/operations.js";
import { useSpeech } from "../use-speech.js";
import { statusWord } from "./conversation-words.js";
import classes from "./conversations.module.css";

const TONE: Partial<Readonly<Record<ConversationStatus, "live" | "open" | "bad">>> = {
  IN_PROGRESS: "live",
  TOKEN_CREATED: "open",
  TRIGGERED: "open",
  RINGING: "open",
  FAILED: "bad",
};

export function StatusBadge({ status }: { readonly status: ConversationStatus }): ReactNode {
  const { words } = useSpeech();
  return (
    <Badge
      variant="default"
      leftSection={<span className={classes.dot} data-tone={TONE[status]} aria-hidden />}
    >
      {statusWord(status, words)}
    </Badge>
  );
}
