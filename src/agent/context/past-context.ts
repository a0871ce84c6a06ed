import { llm } from "@livekit/agents";
import type { PanelAnswer } from "../panel-tools.js";
import type { Job } from "../platform-client.js";
import { answerId, unanswered } from "../saying.js";

type PastTurn = Job["transcript"][number];

/** What was said and shown before this agent came, as a model reads it. */
export function pastContext(transcript: readonly PastTurn[]): llm.ChatContext {
  const open = unanswered(transcript);
  const items = transcript.flatMap((turn): llm.ChatItem[] => {
    // It is said anew, whole.
    if (turn.cut_off && open && turn.id === answerId(open)) return [];
    return turn.role === "tool" ? toolItems(turn) : [message(turn, turn.text)];
  });
  return new llm.ChatContext(items);
}

/** What a visitor did with a card or form, in words for a model. */
export function answerInWords({ tool, given }: Pick<PanelAnswer, "tool" | "given">): string {
  return JSON.stringify({ answered: tool, ...given });
}

function message({ id, role, created_at, cut_off }: PastTurn, content: string): llm.ChatMessage {
  return llm.ChatMessage.create({
    id,
    role: role === "agent" ? "assistant" : "user",
    content,
    createdAt: Date.parse(created_at),
    interrupted: cut_off,
  });
}

function toolItems(turn: PastTurn): llm.ChatItem[] {
  const call = turn.tool_call;
  if (!call) return [];
  const { call_id: callId, name, error } = call;
  const result = call.result ?? {};
  // A card or form answers in a turn of its own, minutes later, with the id of the call that showed it.
  if (error === null && name.startsWith("show_") && !("shown" in Object(result)))
    return [message(turn, JSON.stringify({ answered: name, ...Object(result) }))];
  const createdAt = Date.parse(turn.created_at);
  const args = JSON.stringify(call.arguments ?? {});
  return [
    llm.FunctionCall.create({ callId, name, args, createdAt }),
    llm.FunctionCallOutput.create({
      callId,
      name,
      output: error ?? JSON.stringify(result),
      isError: error !== null,
      createdAt,
    }),
  ];
}
