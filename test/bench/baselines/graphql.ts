/** Mercurius with its just-in-time compiler on Fastify, prepared statements through a pool, one line of pino's for each request. */
import Fastify from "fastify";
import { GraphQLScalarType } from "graphql";
import mercurius from "mercurius";
import pg from "pg";
import { pino } from "pino";

const pool = new pg.Pool({ connectionString: process.env["DATABASE_URL"], max: 10 });
const log = pino(pino.destination({ fd: 1, sync: true }));

const WIDGET = `id, organization_id AS "organizationId", agent_id AS "agentId", agent_version_id AS "agentVersionId",
  domains, published, config, created_at AS "createdAt", updated_at AS "updatedAt"`;

async function rows(name: string, text: string, values: unknown[]): Promise<{ id: string }[]> {
  return (await pool.query<{ id: string }>({ name, text, values })).rows;
}

const app = Fastify();
app.addHook("onResponse", (req, reply, done) => {
  const { method, url } = req;
  log.info({ method, url, status: reply.statusCode, ms: reply.elapsedTime }, "request completed");
  done();
});
await app.register(mercurius, {
  jit: 1,
  schema: `
    scalar JSONObject
    scalar DateTime
    scalar UUID
    type Agent { id: UUID! name: String! }
    type Widget {
      id: UUID! organizationId: String! agentId: UUID! agentVersionId: UUID! domains: [String!]!
      published: Boolean! config: JSONObject! createdAt: DateTime! updatedAt: DateTime! agent: Agent
    }
    type PageInfo { hasNextPage: Boolean! }
    type WidgetConnection { nodes: [Widget!]! pageInfo: PageInfo! }
    type Query { widget(id: UUID!): Widget widgets(first: Int!): WidgetConnection }`,
  resolvers: {
    JSONObject: new GraphQLScalarType({ name: "JSONObject" }),
    UUID: new GraphQLScalarType({ name: "UUID" }),
    DateTime: new GraphQLScalarType({
      name: "DateTime",
      serialize: (value) => (value as Date).toISOString(),
    }),
    Query: {
      widget: async (_root: unknown, { id }: { id: string }) => {
        const one = `SELECT ${WIDGET} FROM widgets WHERE id = $1 AND organization_id = 'bench' AND deleted_at IS NULL`;
        return (await rows("widget", one, [id]))[0];
      },
      widgets: async (_root: unknown, { first }: { first: number }) => {
        const page = `SELECT ${WIDGET} FROM widgets WHERE organization_id = 'bench' AND deleted_at IS NULL
          ORDER BY created_at DESC, id DESC LIMIT $1`;
        const found = await rows("widgets", page, [first + 1]);
        return {
          nodes: found.slice(0, first),
          pageInfo: { hasNextPage: found.length > first },
        };
      },
    },
  },
  loaders: {
    Widget: {
      agent: async (queries: { obj: { agentId: string } }[]) => {
        const ids = [...new Set(queries.map(({ obj }) => obj.agentId))];
        const found = await rows("agents", "SELECT id, name FROM agents WHERE id = ANY($1)", [ids]);
        const agents = new Map(found.map((agent) => [agent.id, agent]));
        return queries.map(({ obj }) => agents.get(obj.agentId));
      },
    },
  },
});
await app.listen({ port: Number(process.env["PORT"]), host: "127.0.0.1" });
