/**
 * The words of a talk's LiveKit room: topics, attributes and calls. Those that begin with `lk.` are LiveKit's own, so
 * that other agents and other clients understand them too; those that begin with `parley.` are ours (contract
 * sections 7 and 8).
 */

/** Text stream, both ways: a message, whole. The visitor's panel names its own by `MESSAGE_ATTRIBUTE`. */
export const CHAT_TOPIC = "lk.chat";
/** Text stream, from the agent: what is said, as it is said; the visitor's words as they were understood, too. */
export const CAPTION_TOPIC = "lk.transcription";

/** On a caption, from the agent: which saying it is of. Who says it anew takes the same name. */
export const SEGMENT_ATTRIBUTE = "lk.segment_id";
/** On a caption, from the agent: `true` when nothing in it will change, else `false`. */
export const FINAL_ATTRIBUTE = "lk.transcription_final";
/** On a caption, from the agent: the sid of the track that is heard with it. */
export const TRACK_ATTRIBUTE = "lk.transcribed_track_id";
/** On the agent: one of `AGENT_STATES`. */
export const STATE_ATTRIBUTE = "lk.agent.state";
/** On a message, from the panel: its id, a UUID, the same when it is sent again. */
export const MESSAGE_ATTRIBUTE = "parley.message";
/**
 * On the agent: the id of the message that it heard last. Until then the visitor's panel keeps the message. An agent
 * without this attribute does not say what it heard.
 */
export const HEARD_ATTRIBUTE = "parley.heard";
/** Of an agent that says what it heard, and has heard nothing yet. */
export const NONE_HEARD = "none";

/** RPC, agent to panel, carries a `ShowCall`; answered at once by `{ shown: boolean }`. */
export const SHOW_METHOD = "parley.show";
/** RPC, panel to agent, carries an `AnswerCall`; answered by `{ accepted: boolean }`. The same again has no effect. */
export const ANSWER_METHOD = "parley.answer";

/** "idle" is LiveKit's, for other agents: ours listens whenever it does nothing else. */
export const AGENT_STATES = ["initializing", "idle", "listening", "thinking", "speaking"] as const;
export type AgentState = (typeof AGENT_STATES)[number];

/** What the agent asks the panel to show. */
export interface ShowCall {
  /** Its answer names it. */
  readonly id: string;
  readonly kind: "card" | "form";
  /** Of a card. */
  readonly type?: string;
  readonly data: object;
}

/** What the visitor did with a card or form. */
export type Answer<Values extends object> =
  | { readonly values: Values }
  | { readonly action: string }
  | { readonly dismissed: true };

export type AnswerCall<Values extends object> = Answer<Values> & { readonly id: string };
