import { llm } from "@livekit/agents";
import type { Job } from "./platform-client.js";
import { answerId, unanswered } from "./saying.js";

/** What was said before this agent came, as a model reads it. */
export function toContext(transcript: Job["transcript"]): llm.ChatContext {
  const open = unanswered(transcript);
  const context = llm.ChatContext.empty();
  for (const { id, role, text, created_at, cut_off } of transcript) {
    // It is said anew, whole.
    if (cut_off && open && id === answerId(open)) continue;
    if (role === "tool") continue;
    context.addMessage({
      id,
      role: role === "agent" ? "assistant" : "user",
      content: text,
      createdAt: Date.parse(created_at),
      interrupted: cut_off,
    });
  }
  return context;
}
