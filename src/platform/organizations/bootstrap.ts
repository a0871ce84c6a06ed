import { randomUUID } from "node:crypto";
import { SCOPES } from "../auth/scopes.js";
import { hashSecret, newToken, parseToken } from "../auth/token-secret.js";
import type { Database } from "../database/client.js";
import { jsonColumn } from "../database/json-column.js";
import { DEMO_AGENT_CONFIG, DEMO_WIDGET_CONFIG, GREETING_WITH_MODEL } from "./demo-content.js";

/** The demonstration's organization, also the default of `BOOTSTRAP_API_KEY`. */
export const DEMO_ORGANIZATION_ID = "org_demo";

const DEMO_EMAIL = "admin@parley.example";
const DEMO_KEY_NAME = "Demo key";

/** What a start prints of the demonstration. */
export interface Demo {
  readonly widgetId: string;
}

/** Fills an empty database with an organization, an agent, a published version and a published widget. */
export async function seedDemo(
  db: Database,
  now: Date,
  hasModel: boolean,
): Promise<Demo | undefined> {
  const existing = await db.organization.findFirst({ select: { id: true } });
  if (existing) {
    const widget = await db.widget.findFirst({
      where: { organizationId: DEMO_ORGANIZATION_ID, deletedAt: null, published: true },
      orderBy: { createdAt: "asc" },
    });
    return widget ? { widgetId: widget.id } : undefined;
  }
  const [agentId, agentVersionId, widgetId] = [randomUUID(), randomUUID(), randomUUID()];
  const organizationId = DEMO_ORGANIZATION_ID;
  const times = { createdAt: now, updatedAt: now };
  const agentConfig = hasModel
    ? { ...DEMO_AGENT_CONFIG, starting_message: GREETING_WITH_MODEL }
    : DEMO_AGENT_CONFIG;
  await db.$transaction([
    db.organization.create({ data: { id: organizationId, name: "Demo", createdAt: now } }),
    db.agent.create({
      data: {
        id: agentId,
        organizationId,
        name: "Harbour Coffee assistant",
        description: "Answers visitors of the demonstration shop, without any model or key.",
        active: true,
        isDemo: true,
        metadata: {},
        ...times,
      },
    }),
    db.agentVersion.create({
      data: {
        id: agentVersionId,
        organizationId,
        agentId,
        version: 1,
        published: true,
        publishedAt: now,
        config: jsonColumn(agentConfig),
        ...times,
      },
    }),
    db.widget.create({
      data: {
        id: widgetId,
        organizationId,
        agentId,
        agentVersionId,
        domains: [],
        published: true,
        config: jsonColumn(DEMO_WIDGET_CONFIG),
        ...times,
      },
    }),
  ]);
  return { widgetId };
}

/**
 * The demonstration's first administrator, made if there is none.
 *
 * @throws Error where there is no demonstration.
 */
export async function demoAdministrator(
  db: Database,
  now: Date,
): Promise<{ user: { id: string; email: string }; organization: { name: string } }> {
  const include = { user: true, organization: true };
  const member = { organizationId: DEMO_ORGANIZATION_ID, role: "admin" } as const;
  const found = await db.membership.findFirst({
    where: member,
    include,
    orderBy: [{ createdAt: "asc" }, { userId: "asc" }],
  });
  if (found) return found;
  const user = { id: randomUUID(), email: DEMO_EMAIL, name: "Demo administrator", createdAt: now };
  return db.membership.create({
    data: {
      role: member.role,
      createdAt: now,
      organization: { connect: { id: member.organizationId } },
      // Somebody may have this address, and be a viewer or no member.
      user: { connectOrCreate: { where: { email: DEMO_EMAIL }, create: user } },
    },
    include,
  });
}

/**
 * The demonstration's key, at the first start that gets as far as showing it: a key cannot be read
 * again, so one that was made before a start failed would be lost.
 *
 * @returns undefined when it was made before.
 */
export async function issueDemoKey(db: Database, now: Date): Promise<string | undefined> {
  const made = { organizationId: DEMO_ORGANIZATION_ID, name: DEMO_KEY_NAME };
  if (await db.apiKey.findFirst({ where: made, select: { id: true } })) return undefined;
  const key = newToken("ak");
  await db.apiKey.create({
    data: { ...made, id: key.id, secretHash: key.hash, scopes: [...SCOPES], createdAt: now },
  });
  return key.text;
}

/**
 * Makes exactly the key of `BOOTSTRAP_API_KEY` valid, with all scopes, for its organization, which
 * is made if missing. Another secret under the same id replaces the old one; safe when repeated.
 */
export async function applyBootstrapKey(
  db: Database,
  options: { key: string; organizationId: string; now: Date },
): Promise<void> {
  const token = parseToken(options.key);
  if (token?.prefix !== "ak")
    throw new Error("BOOTSTRAP_API_KEY must have the form ak_<id>.<secret>");
  const { organizationId, now } = options;
  // One statement, so that instances that start at once do not trip over each other.
  await db.organization.createMany({
    data: [{ id: organizationId, name: organizationId, createdAt: now }],
    skipDuplicates: true,
  });
  const valid = {
    organizationId,
    secretHash: hashSecret(token.secret),
    scopes: [...SCOPES],
    expiresAt: null,
    revokedAt: null,
  };
  await db.apiKey.upsert({
    where: { id: token.id },
    create: { id: token.id, name: "Bootstrap key", createdAt: now, ...valid },
    update: valid,
  });
}
