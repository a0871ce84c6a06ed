import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Filters, NOT_DELETED } from "../../../src/platform/database/filters.js";
import { createHotReads, type HotReads } from "../../../src/platform/database/hot-reads.js";
import { encodeCursor } from "../../../src/platform/database/paging.js";
import { TestApp } from "../../support/app.js";
import { recordStatements } from "../../support/statements.js";

let app: TestApp;
let reads: HotReads;
let org: { id: string; key: string };
beforeAll(async () => {
  app = await TestApp.start();
  reads = createHotReads(app.parley.database.prepared);
  org = await app.organization();
});
afterAll(() => app.stop());

/** As many widgets, the oldest first, with everything that a row can have. */
async function makeWidgets(organization: { id: string; key: string }, count: number) {
  const first = await app.widget(organization.key);
  const { id: _, ...row } = await app.db.widget.findUniqueOrThrow({ where: { id: first.id } });
  const made = [];
  for (let n = 1; n <= count; n += 1) {
    const data = {
      ...row,
      id: randomUUID(),
      config: { v1: { chat: { title: `ünï "\\ ☃ ${n}` } }, big: 9_007_199_254_740_991, none: null },
      limits: { starts_per_minute: n },
      domains: n % 2 === 0 ? [] : ["https://a.example", 'https://"b",{}.example'],
      identity: n % 2 === 0 ? ("required" as const) : ("off" as const),
      identitySecret: n % 2 === 0 ? new Uint8Array(randomBytes(40)) : null,
      identitySecretPrevious: n % 3 === 0 ? new Uint8Array([0, 255]) : null,
      identitySecretPreviousUntil: n % 3 === 0 ? new Date("2026-11-29T12:00:00.007Z") : null,
      // Two share an instant.
      createdAt: new Date(row.createdAt.getTime() + 1000 + Math.floor(n / 2)),
    };
    made.push(await app.db.widget.create({ data }));
  }
  return made;
}

describe("a row that is read without Prisma's client", () => {
  test("is what the client reads, column by column", async () => {
    for (const row of await makeWidgets(org, 6)) {
      const { id, organizationId } = row;
      expect(await reads.widget({ id, organizationId })).toEqual(row);
      const agent = await app.db.agent.findUniqueOrThrow({ where: { id: row.agentId } });
      expect(await reads.agent(row.agentId)).toEqual(agent);
    }
    expect(await reads.agent(randomUUID())).toBeUndefined();
  });

  test("is nobody's but its organization's, and gone when it is deleted", async () => {
    const other = await app.organization();
    const { id } = await app.widget(org.key);
    expect(await reads.widget({ id, organizationId: other.id })).toBeUndefined();
    expect(await reads.widget({ id: randomUUID(), organizationId: org.id })).toBeUndefined();
    const both = await Promise.all(
      [org.id, other.id, org.id].map((organizationId) => reads.widget({ id, organizationId })),
    );
    expect(both.map((row) => row?.id)).toEqual([id, undefined, id]);
    await app.delete(`/core/web-widgets/${id}`, org.key);
    expect(await reads.widget({ id, organizationId: org.id })).toBeUndefined();
  });

  test("is one of a single statement with all that are asked for at the same moment", async () => {
    const made = await makeWidgets(await app.organization(), 3);
    const { result, statements } = await recordStatements(() =>
      Promise.all(made.map(({ id, organizationId }) => reads.widget({ id, organizationId }))),
    );
    expect(result).toEqual(made);
    expect(statements).toHaveLength(1);
  });

  test("is asked for once by all who ask at the same moment", async () => {
    const [row] = await makeWidgets(await app.organization(), 1);
    if (!row) throw new Error("none was made");
    const { conditions } = new Filters().equals("organization_id", row.organizationId);
    const { statements } = await recordStatements(() =>
      Promise.all(
        [1, 2, 3].map(async () => {
          expect(await reads.widget(row)).toEqual(row);
          const { items } = await reads.widgets(conditions, { first: 1 });
          expect(items).toEqual([row]);
        }),
      ),
    );
    expect(statements).toHaveLength(2);
    expect(JSON.parse(String(statements[0]?.parameters[0]))).toHaveLength(1);
  });

  test("is as new as the question: what was written before it is seen", async () => {
    const [row] = await makeWidgets(org, 1);
    if (!row) throw new Error("none was made");
    const { id, organizationId } = row;
    for (let n = 1; n <= 3; n += 1) {
      const earlier = reads.widget({ id, organizationId });
      await app.db.widget.update({ where: { id }, data: { tokenGeneration: n } });
      expect((await reads.widget({ id, organizationId }))?.tokenGeneration).toBe(n);
      await earlier;
    }
  });
});

describe("a page that is read without Prisma's client", () => {
  test("is the client's, from the first to the last, with and without filters", async () => {
    const organization = await app.organization();
    const made = await makeWidgets(organization, 7);
    const [, second] = made;
    if (!second) throw new Error("none was made");
    await app.db.widget.update({ where: { id: second.id }, data: { published: false } });
    for (const published of [undefined, true, false]) {
      const { conditions } = new Filters()
        .equals("organization_id", organization.id)
        .equals("agent_id", second.agentId, "uuid")
        .equals("published", published)
        .add(NOT_DELETED);
      const all = await app.db.widget.findMany({
        where: {
          organizationId: organization.id,
          agentId: second.agentId,
          ...(published === undefined ? {} : { published }),
        },
        orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      });
      const found = [];
      let after: string | undefined;
      for (;;) {
        const page = await reads.widgets(conditions, { first: 3, after });
        found.push(...page.items);
        const last = page.items.at(-1);
        if (!page.hasNextPage || !last) break;
        after = encodeCursor(last);
      }
      expect(found).toEqual(all);
    }
  });

  test("may be empty", async () => {
    const { conditions } = new Filters().equals("organization_id", "nobody's");
    const page = await reads.widgets(conditions, { first: 20 });
    expect(page).toEqual({ items: [], hasNextPage: false });
  });
});
