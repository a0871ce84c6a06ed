import type { Conversation } from "./conversation.js";
import type { RoomLink } from "./room-link.js";
import { sleep } from "./sleep.js";
import type { CardAnswer, CardEntry } from "./transcript.js";

const DELAYS_MS = [0, 1000, 3000];

/**
 * Brings the visitor's answer to the agent that asked; the entry says what became of it.
 * @param connect gives the room, joining it when nobody is in one
 */
export async function answerCard(
  entry: CardEntry,
  answer: CardAnswer,
  conversation: Conversation,
  connect: () => Promise<RoomLink>,
): Promise<void> {
  entry.answer.value = answer;
  entry.state.value = "sending";
  const payload = JSON.stringify({ id: entry.show.id, ...answer });
  const { id } = conversation;
  for (const delay of DELAYS_MS) {
    await sleep(delay);
    // Ended meanwhile, it is nobody's answer: joining would begin a new conversation.
    if (conversation.id !== id || !conversation.isOpen.value) break;
    try {
      const link = await connect();
      // An agent that came since does not know what another one asked.
      if (!(await link.sendAnswer(payload))) break;
      entry.state.value = "answered";
      conversation.keepAnswer(entry.show.id, answer);
      return;
    } catch {
      // The same answer may be sent again: the agent knows it by its id.
    }
  }
  entry.state.value = "failed";
}
