import type { Conversation, ConversationStatus, Widget } from "./generated/client.js";
import type { Prepared, Statements } from "./prepared.js";

/*
 * What visitors and the agent write, and therefore happens most. Each statement names what its caller
 * has decided by: a widget that was read from memory counts only while it is still what it was.
 */

/** The widget that a write was decided by. */
export type DecidedBy = Pick<Widget, "id" | "tokenGeneration" | "updatedAt">;

/** Whether the widget is as it was read, in terms of $1 to $3 (see `decided`). */
export const UNCHANGED = `widgets.id = $1::uuid AND widgets.published AND widgets.deleted_at IS NULL
  AND widgets.token_generation = $2::int AND widgets.updated_at = $3::timestamptz`;

export function decided({ id, tokenGeneration, updatedAt }: DecidedBy): [string, number, Date] {
  return [id, tokenGeneration, updatedAt];
}

/** Waits for the lock that visits of a widget share, as `shareVisits` does, and is then true. */
export function visitsHeld(name: `$${number}`): string {
  return `pg_advisory_xact_lock_shared(hashtextextended(${name}::text, 0)) IS NOT NULL`;
}

/** A conversation without what its talks add up to, which no start or resume looks at. */
export type StartedRow = Omit<
  Conversation,
  "inputTokens" | "outputTokens" | "answerMs" | "summarizedTurns" | "testerId"
>;

/** A conversation's first room, or its next. */
export interface NewRoom {
  readonly name: string;
  readonly visitorIdentity: string;
  readonly tokenExpiresAt: Date;
  /** The website's page that the visitor came from. */
  readonly page: object | undefined;
}

/** What a start with an Idempotency-Key leaves behind, so that it may come again. */
export interface NewStartKey {
  readonly hash: Uint8Array;
  readonly sealedKey: Uint8Array;
  /** A key that was kept before this is free again. */
  readonly repeatableSince: Date;
}

export interface NewConversation {
  readonly widget: DecidedBy;
  /** The lock that visits of the widget share. */
  readonly visits: string;
  readonly row: StartedRow;
  readonly room: NewRoom;
  readonly startKey: NewStartKey | undefined;
}

/** What became of a start: the widget has changed, the visitor's key was ended, the same start was made before. */
export type StartOutcome = "made" | "widget_changed" | "key_ended" | "made_before";

/*
 * The lock first, then the row's: a statement sees what was there when it began, but reads a row anew
 * that it locks and that was changed meanwhile. The row's lock alone would let a stream of starts keep
 * the widget's owner out; the visits' lock queues.
 */
const START = `
  WITH widget AS (
    SELECT widgets.id, widgets.organization_id, widgets.agent_id, widgets.agent_version_id
    FROM widgets JOIN agent_versions AS version
      ON version.id = widgets.agent_version_id AND version.published
    WHERE (SELECT ${visitsHeld("$4")})
      AND ${UNCHANGED}
    FOR SHARE OF widgets
  ), ended AS (
    SELECT 1 FROM ended_visitor_keys WHERE key_hash = $9::bytea
  ), start_key AS (
    INSERT INTO start_keys (start_hash, conversation_id, sealed_key, created_at)
    SELECT $17::bytea, $5::uuid, $18::bytea, $16::timestamptz FROM widget
    WHERE $17::bytea IS NOT NULL AND NOT EXISTS (SELECT FROM ended)
    ON CONFLICT (start_hash) DO UPDATE SET conversation_id = excluded.conversation_id,
      sealed_key = excluded.sealed_key, created_at = excluded.created_at
      WHERE start_keys.created_at < $19::timestamptz
    RETURNING start_hash
  ), conversation AS (
    INSERT INTO conversations (id, organization_id, direction, channel, status, user_id, agent_id,
      agent_version_id, web_widget_id, custom_metadata, bound, visitor_key_hash, user_verified,
      identity_metadata, embed_ticket_id, current_room, consent, created_at, updated_at)
    SELECT $5::uuid, organization_id, 'inbound', 'webrtc', 'token_created', $6::text, agent_id,
      agent_version_id, id, $7::jsonb, $8::boolean, $9::bytea, $10::boolean,
      $11::jsonb, $12::text, $13::text, $21::jsonb, $16::timestamptz, $16::timestamptz
    FROM widget
    WHERE NOT EXISTS (SELECT FROM ended) AND ($17::bytea IS NULL OR EXISTS (SELECT FROM start_key))
    RETURNING id
  ), room AS (
    INSERT INTO conversation_rooms
      (name, conversation_id, visitor_identity, token_expires_at, fallback_status, user_verified, page, created_at)
    SELECT $13::text, id, $14::text, $15::timestamptz, 'cancelled', $10::boolean, $20::jsonb, $16::timestamptz
    FROM conversation
  )
  SELECT CASE
    WHEN NOT EXISTS (SELECT FROM widget) THEN 'widget_changed'
    WHEN EXISTS (SELECT FROM ended) THEN 'key_ended'
    WHEN EXISTS (SELECT FROM conversation) THEN 'made'
    ELSE 'made_before' END AS outcome`;

/**
 * Makes a conversation with its first room, if the widget is as it was read, its version is published
 * and the visitor's key has not ended: all of it or nothing, in one statement. A visitor's key that is
 * not new may end at any moment: its caller holds the visits' lock already, so that this sees it.
 *
 * @throws a unique violation of `embed_ticket_id` for a ticket that was used before.
 */
export async function insertConversation(
  db: Statements,
  { widget, visits, row, room, startKey }: NewConversation,
): Promise<StartOutcome> {
  const [answer] = await db.query<{ outcome: StartOutcome }>(START, [
    ...decided(widget),
    visits,
    row.id,
    row.userId,
    JSON.stringify(row.customMetadata),
    row.bound,
    row.visitorKeyHash,
    row.userVerified,
    toJson(row.identityMetadata),
    row.embedTicketId,
    room.name,
    room.visitorIdentity,
    room.tokenExpiresAt,
    row.createdAt,
    startKey?.hash ?? null,
    startKey?.sealedKey ?? null,
    startKey?.repeatableSince ?? null,
    toJson(room.page),
    toJson(row.consent),
  ]);
  return answer?.outcome ?? "widget_changed";
}

export function toJson(
  value: Conversation["identityMetadata"] | object | undefined,
): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

/** Waits until nobody ends what visits of the widget are good for; until the transaction ends nobody does. */
export async function holdVisits(tx: Statements, visits: string): Promise<void> {
  await tx.query(`SELECT ${visitsHeld("$1")} AS held`, [visits]);
}

/** As `holdVisits`, and nobody else decides on this conversation of the widget meanwhile. */
export async function holdConversation(
  tx: Statements,
  { visits, widgetId, id }: { visits: string; widgetId: string; id: string },
): Promise<void> {
  await tx.query(
    `SELECT 1 FROM conversations
     WHERE (SELECT ${visitsHeld("$1")})
       AND id = $2::uuid AND web_widget_id = $3::uuid
     FOR NO KEY UPDATE`,
    [visits, id, widgetId],
  );
}

export interface NewFeedback {
  readonly widget: DecidedBy;
  /** Of the key that the visitor brings; null for none, or where it is not needed. */
  readonly keyHash: Uint8Array | null;
  /**
   * What the conversation opens to: whoever, since its caller knows that it does; its key; or its
   * key, and anybody while it is unbound.
   */
  readonly opensTo: "caller" | "key" | "key_or_unbound";
  readonly conversationId: string;
  readonly feedback: object;
  readonly now: Date;
}

const FEEDBACK = `
  WITH widget AS (
    SELECT 1 FROM widgets WHERE ${UNCHANGED}
      AND NOT EXISTS (SELECT FROM ended_visitor_keys WHERE key_hash = $4::bytea)
  ), given AS (
    UPDATE conversations SET updated_at = $7::timestamptz,
      custom_metadata = jsonb_set(custom_metadata, '{feedback_form}', $6::jsonb)
    WHERE id = $5::uuid AND web_widget_id = $1::uuid
      AND custom_metadata -> 'feedback_form' IS NULL AND EXISTS (SELECT FROM widget)
      AND ($8::text = 'caller' OR visitor_key_hash = $4::bytea OR ($8::text = 'key_or_unbound' AND NOT bound))
    RETURNING 1
  )
  SELECT EXISTS (SELECT FROM widget) AS good, EXISTS (SELECT FROM given) AS given`;

/**
 * One statement decides, so that of several submissions at once exactly one is kept.
 *
 * @returns whether it was; undefined when what was decided by has changed.
 */
export async function insertFeedback(
  db: Statements,
  { widget, keyHash, opensTo, conversationId, feedback, now }: NewFeedback,
): Promise<boolean | undefined> {
  const [answer] = await db.query<{ good: boolean; given: boolean }>(FEEDBACK, [
    ...decided(widget),
    keyHash,
    conversationId,
    JSON.stringify(feedback),
    now,
    opensTo,
  ]);
  return answer?.good ? answer.given : undefined;
}

const HOLD_ROOM = `
  SELECT 1 FROM conversations
  WHERE id = (SELECT conversation_id FROM conversation_rooms WHERE name = $1::text)
  FOR NO KEY UPDATE`;

const TURNS = `
  WITH job AS (
    SELECT conversations.id FROM conversation_rooms AS room
    JOIN conversations ON conversations.id = room.conversation_id
    JOIN conversation_rooms AS current ON current.name = conversations.current_room
    LEFT JOIN widgets ON widgets.id = conversations.web_widget_id
    WHERE room.name = $1::text AND room.job_id = $2::text AND room.job_ended_at IS NULL
      AND (conversations.tester_id IS NOT NULL OR widgets.published AND widgets.deleted_at IS NULL)
      AND CASE WHEN current.name = room.name
        THEN conversations.status::text = ANY($6::text[])
        ELSE current.created_at >= $3::timestamptz END
  ), stored AS (
    INSERT INTO turns (conversation_id, id, role, text, mode, cut_off, tool_call, created_at, latency,
      input_tokens, output_tokens, error)
    SELECT job.id, turn.id, role, text, mode, "cutOff", "toolCall", "createdAt", latency,
      "inputTokens", "outputTokens", error
    FROM job CROSS JOIN json_to_recordset($4::json)
      AS turn(id text, role turn_role, text text, mode turn_mode, "cutOff" boolean,
        "toolCall" jsonb, "createdAt" timestamptz, latency jsonb, "inputTokens" int,
        "outputTokens" int, error turn_error)
    ON CONFLICT (conversation_id, id) DO UPDATE SET text = excluded.text, mode = excluded.mode,
      cut_off = FALSE, tool_call = excluded.tool_call, created_at = excluded.created_at,
      latency = excluded.latency, input_tokens = excluded.input_tokens,
      output_tokens = excluded.output_tokens, error = coalesce(excluded.error, turns.error)
      WHERE turns.cut_off AND turns.role = 'agent' AND excluded.role = 'agent' AND NOT excluded.cut_off
    RETURNING role, input_tokens, output_tokens, (latency ->> 'total')::int AS total, created_at
  ), added AS (
    SELECT count(*) FILTER (WHERE role = 'user')::int AS user_turns,
      coalesce(sum(input_tokens), 0)::int AS input, coalesce(sum(output_tokens), 0)::int AS output,
      coalesce(array_agg(total ORDER BY created_at) FILTER (WHERE total IS NOT NULL), '{}') AS totals
    FROM stored
  ), counted AS (
    UPDATE conversations SET user_turn_count = user_turn_count + user_turns,
      input_tokens = input_tokens + input, output_tokens = output_tokens + output,
      answer_ms = (answer_ms || totals)[greatest(1, cardinality(answer_ms) + cardinality(totals) - 999):],
      updated_at = $5::timestamptz
    FROM job, added
    WHERE conversations.id = job.id AND (user_turns, input, output, totals) <> (0, 0, 0, '{}')
  )
  SELECT id FROM job`;

/** What a job's agent reports. */
export interface NewTurns {
  readonly room: string;
  readonly jobId: string;
  /** JSON of a list whose objects have the keys that `TURNS` names; each id once. */
  readonly turns: string;
  readonly liveStatuses: readonly ConversationStatus[];
  /** What was said in a room that was replaced before this comes too late. */
  readonly replacedSince: Date;
  readonly now: Date;
}

/**
 * Stores turns, and adds up what they count: the visitor's turns, tokens, how long answers took. Two statements: one sees what was there when it began, so the
 * wait for a resume or for other turns comes first, and the check of the job, which is the write too,
 * sees what they did.
 *
 * @returns false, with nothing written, when the job is over or another has claimed its room.
 */
export function insertTurns(db: Prepared, report: NewTurns): Promise<boolean> {
  const { room, jobId, turns, liveStatuses, replacedSince, now } = report;
  return db.transaction(async (tx) => {
    await tx.query(HOLD_ROOM, [room]);
    const live = `{${liveStatuses.join(",")}}`;
    const open = await tx.query(TURNS, [room, jobId, replacedSince, turns, now, live]);
    return open.length > 0;
  });
}
