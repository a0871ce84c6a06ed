import { ask } from "../../faults/ask.js";
import { CONNECTIONS, type LoadRequest } from "../load.js";
import type { Program } from "../program.js";
import type { Row, Side } from "../row.js";
import { ORGANIZATION, type Stage } from "../stage.js";

const FEW = 1_000;
const MANY = 1_000_000;
const PAGE_SIZE = 20;
const SECONDS_APART = 10;
const NEWEST = new Date("2026-01-01T00:00:00Z");
const id = (kind: string, n: number): string =>
  `${kind}-0000-4000-8000-${String(n).padStart(12, "0")}`;
const AGENT = "aaaaaaaa";
const VERSION = "bbbbbbbb";
const WIDGET = "cccccccc";

/**
 * What is asked of both tables; the cursor of a page, which lies elsewhere in a shorter one, is put in. Both
 * answers have as many rows: a page is as long as what the shorter table has of it.
 */
const QUERIES: readonly (readonly [name: string, query: string, limit?: number])[] = [
  ["first page", ""],
  ["direction", "direction=outbound"],
  ["channel", "channel=text"],
  ["status", "status=completed"],
  ["user_id, part of it", "user_id=visitor-77", 11],
  ["user_id, nobody's", "user_id=nobody-at-all"],
  ["agent_id", `agent_id=${id(AGENT, 3)}`],
  ["agent_version_id", `agent_version_id=${id(VERSION, 3)}`],
  ["web_widget_id", `web_widget_id=${id(WIDGET, 3)}`],
  ["duration_above", "duration_above=900"],
  ["duration_below", "duration_below=90"],
  ["duration_above, nothing is", "duration_above=5000"],
  ["user_turn_count_above", "user_turn_count_above=30"],
  ["user_turn_count_below", "user_turn_count_below=3"],
  ["user_turn_count_above, nothing is", "user_turn_count_above=500"],
  ["custom_metadata", `custom_metadata=${encodeURIComponent('{"plan":"pro"}')}`],
  ["custom_metadata, rare", `custom_metadata=${encodeURIComponent('{"order":77}')}`, 1],
  ["custom_metadata, nobody's", `custom_metadata=${encodeURIComponent('{"plan":"none"}')}`],
  ["created_after", `created_after=${timeOf(900)}`],
  ["created_before", `created_before=${timeOf(100)}`],
];

/** `GET /core/conversations` at a million conversations beside the same at a thousand. */
export const pages: Row = {
  name: "pages",
  cases: async (stage) => {
    const few = await fill(stage, "few", FEW);
    const many = await fill(stage, "many", MANY);
    const page = (n: number): string => `cursor=${btoa(timeOf(n * PAGE_SIZE - PAGE_SIZE - 1))}`;
    const asked = [
      ...QUERIES.map(([name, query, limit]) => ({ name, few: query, many: query, limit })),
      { name: "page 1,000 beside page 50", few: page(50), many: page(1000), limit: undefined },
    ];
    return Promise.all(
      asked.map(async (one) => ({
        path: `conversations, ${one.name}`,
        bar: 0.67,
        ours: await side(stage, many, one.many, one.limit),
        baseline: await side(stage, few, one.few, one.limit),
      })),
    );
  },
};

async function side(
  { key }: Stage,
  program: Program,
  query: string,
  limit = PAGE_SIZE,
): Promise<Side> {
  const path = `/core/conversations?limit=${limit}&${query}`;
  const { status, body } = await ask(program.url + path, { key });
  if (status !== 200) throw new Error(`${path}: ${status} ${body}`);
  const request = { method: "GET", path, headers: { authorization: `Bearer ${key}` } } as const;
  const requests = (): LoadRequest[] => Array.from({ length: CONNECTIONS }, () => request);
  return { program, requests, bodies: [body] };
}

/** A platform with so many conversations, of ten widgets with ten agents, one every ten seconds. */
async function fill(stage: Stage, database: string, count: number): Promise<Program> {
  await stage.postgres.createDatabase(database);
  const program = await stage.startParley(database);
  process.stderr.write(`${count} conversations are made…\n`);
  const numbered = (kind: string, n: string): string =>
    `('${kind}-0000-4000-8000-' || lpad((${n})::text, 12, '0'))::uuid`;
  const [agent, version, widget] = [AGENT, VERSION, WIDGET].map((kind) => numbered(kind, "n % 10"));
  const newest = `'${NEWEST.toISOString()}'::timestamptz`;
  await stage.postgres.query(
    `
    INSERT INTO agents (id, organization_id, name, active, is_demo, metadata, created_at, updated_at)
    SELECT ${agent}, '${ORGANIZATION}', 'Ada ' || n, true, false, '{}', now(), now() FROM generate_series(0, 9) AS n;
    INSERT INTO agent_versions (id, organization_id, agent_id, version, published, config, created_at, updated_at)
    SELECT ${version}, '${ORGANIZATION}', ${agent}, 1, true, '{}', now(), now() FROM generate_series(0, 9) AS n;
    INSERT INTO widgets (id, organization_id, agent_id, agent_version_id, domains, published, config, created_at, updated_at)
    SELECT ${widget}, '${ORGANIZATION}', ${agent}, ${version}, '{}', true, '{}', now(), now() FROM generate_series(0, 9) AS n;
    -- Neither references nor counts are looked at: all are right, and it is much faster.
    SET session_replication_role = replica;
    INSERT INTO conversations (id, organization_id, direction, channel, status, user_id, agent_id, agent_version_id,
      web_widget_id, duration, user_turn_count, custom_metadata, bound, current_room, created_at, updated_at)
    SELECT gen_random_uuid(), '${ORGANIZATION}',
      (CASE n % 10 WHEN 1 THEN 'outbound' ELSE 'inbound' END)::direction,
      (CASE n % 10 WHEN 2 THEN 'text' ELSE 'webrtc' END)::channel,
      (CASE n % 10 WHEN 4 THEN 'cancelled' ELSE 'completed' END)::conversation_status,
      'visitor-' || n % 50000, ${agent}, ${version}, ${widget}, n % 1000, n % 40,
      jsonb_build_object('plan', CASE n % 10 WHEN 5 THEN 'pro' ELSE 'free' END, 'order', n % 10000),
      false, 'room_' || n, ${newest} - n * interval '${SECONDS_APART} seconds',
      ${newest} - n * interval '${SECONDS_APART} seconds'
    FROM generate_series(0, ${count - 1}) AS n`,
    database,
  );
  await stage.postgres.query("VACUUM ANALYZE", database);
  return program;
}

/** When the n-th newest was made. */
function timeOf(n: number): string {
  return new Date(NEWEST.getTime() - n * SECONDS_APART * 1000).toISOString();
}
