/**
 * Bare `node:http` with prepared statements through a pool, one HMAC where a visitor is let in, and one
 * line of pino's for each request. It writes into Parley's own tables, with all their indexes.
 */
import { createHmac, randomUUID } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import pg from "pg";
import { pino } from "pino";

const env = (name: string): string => process.env[name] ?? "";
const pool = new pg.Pool({ connectionString: env("DATABASE_URL"), max: 10 });
const log = pino(pino.destination({ fd: 1, sync: true }));

type Run = (name: string, text: string, values: readonly unknown[]) => Promise<pg.QueryResult>;
interface Body {
  user_id: string;
  conversation_id: string;
  room: string;
  data: object;
  turns: { id: string; text: string; created_at: string }[];
}

const ROUTES: Readonly<Record<string, (body: Body) => Promise<object>>> = {
  /** One INSERT and one token. */
  "/start": async ({ user_id: userId }) => {
    const [id, room, now] = [randomUUID(), `room_${randomUUID()}`, new Date()];
    await pool.query({
      name: "start",
      text: `INSERT INTO conversations (id, organization_id, direction, channel, status, user_id, agent_id,
          agent_version_id, web_widget_id, custom_metadata, bound, current_room, created_at, updated_at)
        VALUES ($1, 'bench', 'inbound', 'webrtc', 'token_created', $2, $3, $4, $5, '{}', false, $6, $7, $7)`,
      values: [id, userId, env("AGENT_ID"), env("VERSION_ID"), env("WIDGET_ID"), room, now],
    });
    return { id, user_id: userId, created_at: now, room, token: token({ sub: userId, room }) };
  },
  /** Finds the conversation, gives it another room, and one token. */
  "/resume": async ({ user_id: userId, conversation_id: id }) => {
    const [room, now] = [`room_${randomUUID()}`, new Date()];
    await transaction(async (run) => {
      await run("find", "SELECT * FROM conversations WHERE id = $1 FOR NO KEY UPDATE", [id]);
      await run(
        "room",
        `INSERT INTO conversation_rooms (name, conversation_id, visitor_identity, fallback_status, token_expires_at,
           created_at) VALUES ($1, $2, $3, 'cancelled', $4, $4)`,
        [room, id, `visitor_${randomUUID()}`, now],
      );
      await run(
        "resume",
        "UPDATE conversations SET current_room = $2, status = 'token_created', updated_at = $3 WHERE id = $1",
        [id, room, now],
      );
    });
    return { id, user_id: userId, updated_at: now, room, token: token({ sub: userId, room }) };
  },
  /** Finds the conversation and writes the feedback into it. */
  "/feedback": async ({ conversation_id: id, data }) => {
    await transaction(async (run) => {
      await run("read", "SELECT * FROM conversations WHERE id = $1", [id]);
      await run(
        "feedback",
        `UPDATE conversations SET custom_metadata = jsonb_set(custom_metadata, '{feedback_form}', $2), updated_at = $3
         WHERE id = $1 AND custom_metadata -> 'feedback_form' IS NULL`,
        [id, JSON.stringify(data), new Date()],
      );
    });
    return { status: "ok" };
  },
  /** Finds the conversation, keeps the turns, counts the visitor's. */
  "/turns": async ({ conversation_id: id, turns }) => {
    await transaction(async (run) => {
      await run("find", "SELECT * FROM conversations WHERE id = $1 FOR NO KEY UPDATE", [id]);
      await run(
        "turns",
        `INSERT INTO turns (conversation_id, id, role, text, mode, created_at)
         SELECT $1::uuid, turn.id, 'user', turn.text, 'text', turn.created_at
         FROM json_to_recordset($2::json) AS turn(id text, text text, created_at timestamptz)
         ON CONFLICT DO NOTHING`,
        [id, JSON.stringify(turns)],
      );
      await run(
        "count",
        "UPDATE conversations SET user_turn_count = user_turn_count + $2, updated_at = $3 WHERE id = $1",
        [id, turns.length, new Date()],
      );
    });
    return { status: "ok" };
  },
};

createServer(async (req, res) => {
  const begun = performance.now();
  const { method, url = "" } = req;
  const route = ROUTES[url];
  const answer = JSON.stringify(route ? await route(JSON.parse(await bodyOf(req)) as Body) : {});
  res.writeHead(200, { "content-type": "application/json" }).end(answer);
  log.info({ method, url, status: 200, ms: performance.now() - begun }, "request completed");
}).listen(Number(env("PORT")), "127.0.0.1");

async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of req.setEncoding("utf8")) body += chunk;
  return body;
}

async function transaction(work: (run: Run) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("BEGIN");
    await work((name, text, values) => client.query({ name, text, values: [...values] }));
    await client.query("COMMIT");
  } finally {
    client.release();
  }
}

function token(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256" })}.${part({ ...claims, exp: Date.now() / 1000 + 600 })}`;
  return `${signed}.${createHmac("sha256", "a secret").update(signed).digest("base64url")}`;
}
