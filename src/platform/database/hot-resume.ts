import type { Conversation, ConversationStatus } from "./generated/client.js";
import {
  decided,
  toJson,
  UNCHANGED,
  visitsHeld,
  type DecidedBy,
  type NewRoom,
  type StartedRow,
} from "./hot-statements.js";
import type { Statements } from "./prepared.js";

/* A visitor comes back: what is read for it, and what is written. See hot-statements.ts. */

/** A conversation as a visitor comes back to it. */
export interface Visited {
  readonly isWidgetUnchanged: boolean;
  readonly isKeyEnded: boolean;
  /** Undefined: the widget's organization has none of this id. */
  readonly found:
    | {
        readonly row: StartedRow;
        /** Another one as soon as anybody has written the row. */
        readonly revision: string;
        readonly version: { readonly published: boolean; readonly vision: unknown };
        /** Of its current room. */
        readonly fallbackStatus: ConversationStatus | undefined;
      }
    | undefined;
}

const VISITED = `
  SELECT
    EXISTS (SELECT FROM widgets WHERE ${UNCHANGED}) AS widget_unchanged,
    EXISTS (SELECT FROM ended_visitor_keys WHERE key_hash = $4::bytea) AS key_ended,
    conversations.id, conversations.organization_id, direction, channel, status, user_id,
    conversations.agent_id, agent_version_id, web_widget_id, duration, user_turn_count,
    initial_context, summary, custom_metadata, bound, visitor_key_hash,
    conversations.user_verified, identity_metadata, consent, embed_ticket_id, current_room,
    conversations.created_at, conversations.updated_at,
    conversations.xmin::text AS revision, version.published, version.config -> 'vision' AS vision,
    room.fallback_status
  FROM (SELECT) AS one
  LEFT JOIN conversations ON conversations.id = $5::uuid
    AND conversations.organization_id = $6::text
  LEFT JOIN agent_versions AS version ON version.id = conversations.agent_version_id
  LEFT JOIN conversation_rooms AS room ON room.name = conversations.current_room`;

/** The columns of `VISITED`. Of no conversation they are null, which `id` tells. */
interface VisitedRow {
  readonly widget_unchanged: boolean;
  readonly key_ended: boolean;
  readonly id: string | null;
  readonly organization_id: string;
  readonly direction: Conversation["direction"];
  readonly channel: Conversation["channel"];
  readonly status: ConversationStatus;
  readonly user_id: string;
  readonly agent_id: string;
  readonly agent_version_id: string;
  readonly web_widget_id: string | null;
  readonly duration: number | null;
  readonly user_turn_count: number;
  readonly initial_context: string | null;
  readonly summary: string | null;
  readonly custom_metadata: string;
  readonly bound: boolean;
  readonly visitor_key_hash: Uint8Array<ArrayBuffer> | null;
  readonly user_verified: boolean;
  readonly identity_metadata: string | null;
  readonly consent: string | null;
  readonly embed_ticket_id: string | null;
  readonly current_room: string;
  readonly created_at: string;
  readonly updated_at: string;
  readonly revision: string;
  readonly published: boolean;
  readonly vision: string | null;
  readonly fallback_status: ConversationStatus | null;
}

/** @param keyHash of the key that the visitor brings; null for none. */
export async function readVisited(
  db: Statements,
  asked: {
    widget: DecidedBy & { readonly organizationId: string };
    keyHash: Uint8Array | null;
    conversationId: string;
  },
): Promise<Visited> {
  const { widget, keyHash, conversationId } = asked;
  const [row] = await db.query<VisitedRow>(VISITED, [
    ...decided(widget),
    keyHash,
    conversationId,
    widget.organizationId,
  ]);
  if (!row) throw new Error("a row that depends on no table");
  return {
    isWidgetUnchanged: row.widget_unchanged,
    isKeyEnded: row.key_ended,
    found:
      row.id === null
        ? undefined
        : {
            row: toConversation({ ...row, id: row.id }),
            revision: row.revision,
            version: { published: row.published, vision: fromJson(row.vision) },
            fallbackStatus: row.fallback_status ?? undefined,
          },
  };
}

function toConversation(row: VisitedRow & { readonly id: string }): StartedRow {
  return {
    id: row.id,
    organizationId: row.organization_id,
    direction: row.direction,
    channel: row.channel,
    status: row.status,
    userId: row.user_id,
    agentId: row.agent_id,
    agentVersionId: row.agent_version_id,
    webWidgetId: row.web_widget_id,
    duration: row.duration,
    userTurnCount: row.user_turn_count,
    initialContext: fromJson(row.initial_context),
    summary: row.summary,
    customMetadata: fromJson(row.custom_metadata),
    bound: row.bound,
    visitorKeyHash: row.visitor_key_hash,
    userVerified: row.user_verified,
    identityMetadata: fromJson(row.identity_metadata),
    consent: fromJson(row.consent),
    embedTicketId: row.embed_ticket_id,
    currentRoom: row.current_room,
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
  };
}

function fromJson(text: string | null): Conversation["customMetadata"] {
  return text === null ? null : (JSON.parse(text) as Conversation["customMetadata"]);
}

/** The next room of a conversation that its caller holds. */
export interface NextRoom extends NewRoom {
  readonly fallbackStatus: ConversationStatus;
  readonly opensTranscript: boolean;
  readonly userVerified: boolean;
}

const RESUME = `
  WITH room AS (
    INSERT INTO conversation_rooms (name, conversation_id, visitor_identity, token_expires_at,
      fallback_status, opens_transcript, user_verified, page, created_at)
    VALUES ($2::text, $1::uuid, $3::text, $4::timestamptz, $5::conversation_status, $6::boolean,
      $7::boolean, $13::jsonb, $8::timestamptz)
  )
  UPDATE conversations SET status = 'token_created', custom_metadata = $9::jsonb,
    user_verified = $10::boolean, bound = $11::boolean, identity_metadata = $12::jsonb,
    consent = $14::jsonb, current_room = $2::text, updated_at = $8::timestamptz
  WHERE id = $1::uuid`;

/** @param row as it is to be, with its caller's hold on it. */
export async function insertNextRoom(
  tx: Statements,
  row: StartedRow,
  room: NextRoom,
): Promise<void> {
  await tx.query(RESUME, [
    row.id,
    room.name,
    room.visitorIdentity,
    room.tokenExpiresAt,
    room.fallbackStatus,
    room.opensTranscript,
    room.userVerified,
    row.updatedAt,
    JSON.stringify(row.customMetadata),
    row.userVerified,
    row.bound,
    toJson(row.identityMetadata),
    toJson(room.page),
    toJson(row.consent),
  ]);
}

/** What a resume was decided by, besides its widget. */
export interface ResumedFrom {
  readonly widget: DecidedBy;
  readonly visits: string;
  readonly revision: string;
  /** Of the key that the visitor brings; null for none. */
  readonly keyHash: Uint8Array | null;
}

/*
 * As `START`, and the row is locked when it is written. A key's end is no row that could be locked:
 * the function sees it, and is asked when the lock is held, since it needs what stands behind that.
 */
const RESUME_UNCHANGED = `
  WITH widget AS (
    SELECT widgets.id FROM widgets
    WHERE (SELECT ${visitsHeld("$4")})
      AND ${UNCHANGED}
    FOR SHARE
  ), conversation AS (
    UPDATE conversations SET status = 'token_created', custom_metadata = $7::jsonb,
      user_verified = $8::boolean, bound = $9::boolean, identity_metadata = $10::jsonb, consent = $20::jsonb,
      current_room = $11::text, updated_at = $12::timestamptz
    FROM widget, agent_versions AS version
    WHERE conversations.id = $5::uuid AND conversations.web_widget_id = widget.id
      AND conversations.xmin::text = $6::text
      AND version.id = conversations.agent_version_id AND version.published
      AND CASE WHEN widget.id IS NOT NULL THEN NOT visitor_key_has_ended($13::bytea) END
    RETURNING conversations.id
  ), room AS (
    INSERT INTO conversation_rooms (name, conversation_id, visitor_identity, token_expires_at,
      fallback_status, opens_transcript, user_verified, page, created_at)
    SELECT $11::text, id, $14::text, $15::timestamptz, $16::conversation_status, $17::boolean,
      $18::boolean, $19::jsonb, $12::timestamptz
    FROM conversation
  )
  SELECT id FROM conversation`;

/**
 * As `insertNextRoom`, in one statement that nothing has to be held for: it writes only where all that
 * the resume was decided by is as it was read.
 *
 * @returns false, with nothing written, where it is not.
 */
export async function resumeUnchanged(
  db: Statements,
  { widget, visits, revision, keyHash }: ResumedFrom,
  row: StartedRow,
  room: NextRoom,
): Promise<boolean> {
  const made = await db.query(RESUME_UNCHANGED, [
    ...decided(widget),
    visits,
    row.id,
    revision,
    JSON.stringify(row.customMetadata),
    row.userVerified,
    row.bound,
    toJson(row.identityMetadata),
    room.name,
    row.updatedAt,
    keyHash,
    room.visitorIdentity,
    room.tokenExpiresAt,
    room.fallbackStatus,
    room.opensTranscript,
    room.userVerified,
    toJson(room.page),
    toJson(row.consent),
  ]);
  return made.length > 0;
}
