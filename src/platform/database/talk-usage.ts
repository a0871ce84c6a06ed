import type { Statements } from "./prepared.js";

/** What the talks of a widget, or of all widgets of an organization, use and have used. */
export interface TalkUsage {
  /** Null: the organization's. */
  readonly widgetId: string | null;
  /** As they were named. */
  readonly limits: unknown;
  /** Conversations that have a share now. */
  readonly talksNow: number;
  /** What those shares may still use, and summaries that are being written. */
  readonly reservedSeconds: number;
  readonly reservedTokens: number;
  /** Of the day: talks that a visitor came to, what they used, and starts that were refused. */
  readonly talks: number;
  readonly seconds: number;
  readonly tokens: number;
  readonly refusedTalks: number;
  readonly refusedMinutes: number;
  readonly refusedTokens: number;
}

/** The scopes that are asked for: `id` of a widget, or null, its organization, and the limits named. `$1` stands in them. */
const SCOPES = {
  /** Of a widget, which `$1` names, and of its organization. */
  widgetAndOrganization: `
    SELECT id, organization_id, limits FROM widgets WHERE id = $1::uuid
    UNION ALL SELECT NULL, organizations.id, organizations.limits FROM organizations
      JOIN widgets ON widgets.organization_id = organizations.id AND widgets.id = $1::uuid`,
  /** Of the widgets whose ids are in the JSON list `$1`. */
  widgets: `
    SELECT id, organization_id, limits FROM widgets
    WHERE id IN (SELECT value::uuid FROM json_array_elements_text($1::json))`,
  organization: `SELECT NULL::uuid AS id, id AS organization_id, limits FROM organizations WHERE id = $1::text`,
};

/** A share that lapsed counts no more; of its tokens those count that its conversation has not used yet. */
const usageIn = (scopes: string): string => `
  WITH scope AS (${scopes})
  SELECT scope.id::text AS "widgetId", scope.limits::text AS limits, open.*, used.*
  FROM scope
  CROSS JOIN LATERAL (
    SELECT
      count(DISTINCT share.conversation_id)
        FILTER (WHERE share.conversation_id IS DISTINCT FROM $3::uuid)::int AS "talksNow",
      coalesce(sum(share.seconds), 0)::float8 AS "reservedSeconds",
      coalesce(sum(greatest(0, share.tokens + share.tokens_before - talk.input_tokens
        - talk.output_tokens)), 0)::float8 + (
          SELECT coalesce(sum(due.tokens), 0)::float8
          FROM due_summaries AS due JOIN conversations AS ended ON ended.id = due.conversation_id
          WHERE due.tokens > 0 AND due.due_at > $2::timestamptz
            AND ended.organization_id = scope.organization_id
            AND (scope.id IS NULL OR ended.web_widget_id = scope.id)
        ) AS "reservedTokens"
    FROM talk_shares AS share JOIN conversations AS talk ON talk.id = share.conversation_id
    WHERE share.organization_id = scope.organization_id
      AND (scope.id IS NULL OR share.widget_id = scope.id)
      AND (share.held_at IS NOT NULL OR share.expires_at > $2::timestamptz)
  ) AS open
  CROSS JOIN LATERAL (
    SELECT
      coalesce(sum(talks), 0)::int AS talks,
      greatest(0, coalesce(sum(seconds), 0))::float8 AS seconds,
      coalesce(sum(tokens), 0)::float8 AS tokens,
      coalesce(sum(refused_talks), 0)::int AS "refusedTalks",
      coalesce(sum(refused_minutes), 0)::int AS "refusedMinutes",
      coalesce(sum(refused_tokens), 0)::int AS "refusedTokens"
    FROM (
      SELECT organization_id, day, widget_id, talks, seconds, tokens,
        refused_talks, refused_minutes, refused_tokens FROM usage_days
      -- Tests are no widget's, and their organization's all the same.
      UNION ALL SELECT organization_id, day, NULL, talks, seconds, tokens, 0, 0, 0 FROM test_usage_days
    ) AS days
    WHERE organization_id = scope.organization_id
      AND day = ($2::timestamptz AT TIME ZONE 'UTC')::date
      AND (scope.id IS NULL OR widget_id = scope.id)
  ) AS used`;

const STATEMENTS = {
  widgetAndOrganization: usageIn(SCOPES.widgetAndOrganization),
  widgets: usageIn(SCOPES.widgets),
  organization: usageIn(SCOPES.organization),
};

/**
 * @param scopes what `asked` names: a widget's id, a JSON list of such, or an organization's id.
 * @param without a conversation whose talk is not counted among those of now.
 */
export async function readTalkUsage(
  db: Statements,
  scopes: keyof typeof SCOPES,
  { asked, now, without }: { asked: string; now: Date; without?: string | undefined },
): Promise<TalkUsage[]> {
  const rows = await db.query<TalkUsage & { limits: string }>(STATEMENTS[scopes], [
    asked,
    now,
    without ?? null,
  ]);
  return rows.map((row) => ({ ...row, limits: JSON.parse(row.limits) as unknown }));
}
