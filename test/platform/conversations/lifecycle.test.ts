import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { LifecycleService } from "../../../src/platform/conversations/lifecycle.service.js";
import { createLog } from "../../../src/process/log.js";
import { TestApp, type Answer } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";
import { CONVERSATION_STATUSES } from "../../support/statuses.js";
import { connectionOf, deliver, type TestEvent } from "../../support/webhook.js";

/** The token's 15 minutes, LiveKit's leeway, and time for the webhook. */
const LAPSED = 15 * 60 + 121;
const FINAL = ["completed", "failed", "cancelled", "transferred", "unanswered"] as const;

let app: TestApp;
let organization: { id: string; key: string };
let widget: Answer["body"];
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
  widget = await app.widget(organization.key);
});
afterAll(() => app.stop());
beforeEach(() => {
  app.rooms.deleted.length = 0;
  app.rooms.alive = undefined;
});

interface Talk {
  readonly id: string;
  readonly room: string;
  readonly identity: string;
}

function talkOf(answer: Answer): Talk {
  expect(answer.status, answer.text).toBe(200);
  return { id: answer.body.conversation.id, ...connectionOf(answer.body) };
}

async function start(widgetId: string = widget.id): Promise<Talk> {
  return talkOf(await app.begin(widgetId, { user_id: "ada" }));
}

async function resume(talk: Talk): Promise<Talk> {
  return talkOf(await app.begin(widget.id, { user_id: "ada", conversation_id: talk.id }));
}

async function read(talk: Talk): Promise<{ status: string; duration: number | null }> {
  const { body } = await app.get(`/core/conversations/${talk.id}`, organization.key);
  return { status: body.status, duration: body.duration };
}

const base = Math.floor(Date.now() / 1000);

/** Events of a room, `at` in seconds from some beginning. */
function started(talk: Talk, at = 0): TestEvent {
  return { event: "room_started", room: talk.room, at: base + at };
}
function joined(talk: Talk, at: number, identity = talk.identity): TestEvent {
  return { event: "participant_joined", room: talk.room, identity, at: base + at };
}
function left(talk: Talk, at: number, identity = talk.identity): TestEvent {
  return { event: "participant_left", room: talk.room, identity, at: base + at };
}
function finished(talk: Talk, at: number): TestEvent {
  return { event: "room_finished", room: talk.room, at: base + at };
}

async function send(...events: TestEvent[]): Promise<void> {
  for (const event of events) expect((await deliver(app, event)).status).toBe(200);
}

describe("a webhook", () => {
  test("with LiveKit's signature is accepted", async () => {
    const talk = await start();
    await send(joined(talk, 0));
    expect((await read(talk)).status).toBe("in_progress");
  });

  test.each([
    ["a wrong secret", { apiKey: "APItestkey", apiSecret: "another-secret-of-32-characters!" }],
    [
      "another key",
      { apiKey: "APIother", apiSecret: "a-livekit-secret-for-tests-only-0123456789" },
    ],
    [
      "a body that was changed",
      {
        apiKey: "APItestkey",
        apiSecret: "a-livekit-secret-for-tests-only-0123456789",
        tamper: true,
      },
    ],
  ])("with %s is refused by 401 and changes nothing", async (_name, signing) => {
    const talk = await start();
    expect((await deliver(app, joined(talk, 0), signing)).status).toBe(401);
    expect((await read(talk)).status).toBe("token_created");
  });

  test("without a signature, or with a room's token in its place, is refused by 401", async () => {
    const answer = await app.begin(widget.id, { user_id: "ada" });
    const talk = talkOf(answer);
    const body = JSON.stringify({
      event: "participant_joined",
      room: { name: talk.room },
      participant: { identity: talk.identity },
    });
    for (const authorization of [undefined, "", answer.body.connection_details.token, "x"]) {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      const refused = await app.call("POST", "/livekit/webhook", { body, headers });
      expect(refused.status).toBe(401);
    }
    expect((await read(talk)).status).toBe("token_created");
  });

  test("of a foreign room or an event that does not concern us is accepted and ignored", async () => {
    const talk = await start();
    await send(
      { event: "participant_joined", room: "somebody-elses", identity: "x" },
      { event: "track_published", room: talk.room, identity: talk.identity },
      { event: "egress_started", room: talk.room },
    );
    expect((await read(talk)).status).toBe("token_created");
    expect(app.rooms.deleted).toEqual([]);
  });

  test("without a time, with an impossible one or with an impossible room is accepted and ignored", async () => {
    const talk = await start();
    await send(joined(talk, 0), { event: "room_finished", room: talk.room, at: base + 10 });
    const before = await read(talk);
    for (const at of ["0", "-1", "9223372036854775807", "8640000000001", "8640000000000"]) {
      await send({ ...joined(talk, 0), at });
    }
    await send({ event: "room_started", room: `${talk.room}\0` });
    expect(await read(talk)).toEqual(before);
  });

  test("of more than 256 KB is refused by 413", async () => {
    const body = JSON.stringify({ event: "x", text: "x".repeat(300_000) });
    expect((await app.call("POST", "/livekit/webhook", { body })).status).toBe(413);
  });
});

describe("the status of a conversation", () => {
  test("goes from token_created over in_progress to completed", async () => {
    const talk = await start();
    await send(started(talk));
    expect((await read(talk)).status).toBe("token_created");
    await send(joined(talk, 1));
    expect((await read(talk)).status).toBe("in_progress");
    await send(left(talk, 11));
    expect(await read(talk)).toEqual({ status: "in_progress", duration: 10 });
    await send(finished(talk, 31));
    expect(await read(talk)).toEqual({ status: "completed", duration: 10 });
  });

  test("does not follow agents: only the visitor's joining counts", async () => {
    const talk = await start();
    await send(started(talk), joined(talk, 1, "agent-AJ_1"), joined(talk, 2, "visitor_other"));
    expect(await read(talk)).toEqual({ status: "token_created", duration: null });
    await send(joined(talk, 10), left(talk, 20), left(talk, 90, "agent-AJ_1"), finished(talk, 100));
    expect(await read(talk)).toEqual({ status: "completed", duration: 10 });
  });

  test(
    "is the same for every order and repetition of the same events",
    { timeout: 120_000 },
    async () => {
      const scenarios: ((talk: Talk) => TestEvent[])[] = [
        (talk) => [started(talk), joined(talk, 1), left(talk, 11), finished(talk, 31)],
        (talk) => [joined(talk, 5), left(talk, 5), finished(talk, 5)],
        (talk) => [
          started(talk),
          joined(talk, 1, "agent"),
          left(talk, 9, "agent"),
          finished(talk, 9),
        ],
        (talk) => [
          joined(talk, 1),
          left(talk, 4),
          joined(talk, 6),
          left(talk, 9),
          finished(talk, 29),
        ],
        (talk) => [joined(talk, 3), joined(talk, 3, "agent"), finished(talk, 50)],
        // The room ended empty and was made again by a second join with the same token.
        (talk) => [finished(talk, 300), started(talk, 400), joined(talk, 401), left(talk, 410)],
      ];
      await fc.assert(
        fc.asyncProperty(
          fc.nat(scenarios.length - 1),
          fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 10, maxLength: 10 }),
          async (scenario, random) => {
            const events = (talk: Talk): TestEvent[] => scenarios[scenario]?.(talk) ?? [];
            const inOrder = await start();
            await send(...events(inOrder));
            const shuffled = await start();
            const all = events(shuffled);
            // Each event at least once, some twice, in an order that the random numbers give.
            const copies = [...all, ...all.slice(0, random.length - all.length)];
            const order = copies
              .map((event, index) => ({ event, key: random[index] ?? 0 }))
              .toSorted((a, b) => a.key - b.key)
              .map(({ event }) => event);
            await send(...order);
            expect(await read(shuffled)).toEqual(await read(inOrder));
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  test.runIf(onPostgres)("is the same when the events come at the same moment", async () => {
    for (let round = 0; round < 10; round += 1) {
      const talk = await start();
      const events = [started(talk), joined(talk, 1), left(talk, 11), finished(talk, 31)];
      await Promise.all([...events, ...events].map((event) => send(event)));
      expect(await read(talk)).toEqual({ status: "completed", duration: 10 });
    }
  });

  test.each(FINAL)("%s changes only by a resume", async (status) => {
    const talk = await start();
    await app.db.conversation.update({ where: { id: talk.id }, data: { status } });
    await send(started(talk), joined(talk, 1), left(talk, 5), finished(talk, 9), joined(talk, 10));
    app.clock.forward(LAPSED);
    app.rooms.alive = new Set();
    await app.parley.lifecycle.sweep();
    expect((await read(talk)).status).toBe(status);
    await resume(talk);
    expect((await read(talk)).status).toBe("token_created");
  });
});

describe("after a resume", () => {
  test("the old room's room_finished changes nothing", async () => {
    const old = await start();
    await send(joined(old, 0));
    const talk = await resume(old);
    await send(left(old, 10), finished(old, 10));
    expect(await read(talk)).toEqual({ status: "token_created", duration: 10 });
    await send(joined(talk, 20));
    await send(finished(old, 30));
    expect((await read(talk)).status).toBe("in_progress");
  });

  test("a join of the old room does not begin the conversation", async () => {
    const old = await start();
    const talk = await resume(old);
    await send(joined(old, 5));
    expect((await read(talk)).status).toBe("token_created");
  });

  test("the old room is deleted at once when it starts again, the current one never", async () => {
    const old = await start();
    const talk = await resume(old);
    app.rooms.deleted.length = 0;
    await send(started(talk), joined(talk, 1));
    expect(app.rooms.deleted).toEqual([]);
    await send(started(old));
    expect(app.rooms.deleted).toEqual([old.room]);
    app.rooms.deleted.length = 0;
    await send(joined(old, 3));
    expect(app.rooms.deleted).toEqual([old.room]);
  });

  test("duration is the sum over its rooms of first join to last leave", async () => {
    const first = await start();
    await send(joined(first, 0), left(first, 10), joined(first, 15), left(first, 20));
    await send(finished(first, 40));
    expect((await read(first)).duration).toBe(20);
    const second = await resume(first);
    expect((await read(second)).duration).toBe(20);
    await send(joined(second, 100), left(second, 107), finished(second, 130));
    expect(await read(second)).toEqual({ status: "completed", duration: 27 });
  });

  test("an old room's late events still count for duration, in any order", async () => {
    const first = await start();
    const second = await resume(first);
    await send(joined(second, 100), left(second, 107), finished(second, 130));
    await send(left(first, 20), joined(first, 0));
    expect(await read(second)).toEqual({ status: "completed", duration: 27 });
  });
});

describe("a widget that is no longer live", () => {
  test.each([
    [
      "unpublished",
      (id: string) => app.put(`/core/web-widgets/${id}`, { published: false }, organization.key),
    ],
    ["deleted", (id: string) => app.delete(`/core/web-widgets/${id}`, organization.key)],
  ])("%s: its live rooms are deleted at once, and again when one starts", async (_name, end) => {
    const own = await app.widget(organization.key);
    const waiting = await start(own.id);
    const talking = await start(own.id);
    const over = await start(own.id);
    await send(joined(talking, 0), joined(over, 0), finished(over, 5));
    app.rooms.deleted.length = 0;
    expect((await end(own.id)).status).toBeLessThan(300);
    expect(app.rooms.deleted.toSorted()).toEqual([waiting.room, talking.room].toSorted());
    app.rooms.deleted.length = 0;
    await send(started(waiting));
    expect(app.rooms.deleted).toEqual([waiting.room]);
  });

  test("its conversations still end as their rooms do", async () => {
    const own = await app.widget(organization.key);
    const talk = await start(own.id);
    await send(joined(talk, 0));
    await app.delete(`/core/web-widgets/${own.id}`, organization.key);
    await send(left(talk, 7), finished(talk, 7));
    expect(await read(talk)).toEqual({ status: "completed", duration: 7 });
  });
});

describe("a token that lapsed with nobody joined", () => {
  test("cancels a conversation that was never joined, not before", async () => {
    const talk = await start();
    app.clock.forward(15 * 60);
    await app.parley.lifecycle.sweep();
    expect((await read(talk)).status).toBe("token_created");
    app.clock.forward(121);
    await app.parley.lifecycle.sweep();
    expect(await read(talk)).toEqual({ status: "cancelled", duration: null });
  });

  test.each(FINAL)("after a resume from %s gives that status back", async (status) => {
    const first = await start();
    await app.db.conversation.update({ where: { id: first.id }, data: { status } });
    const talk = await resume(await resume(first));
    app.clock.forward(LAPSED);
    await app.parley.lifecycle.sweep();
    expect((await read(talk)).status).toBe(status);
  });

  test("after a resume of what was in progress gives completed", async () => {
    const first = await start();
    await send(joined(first, 0));
    const talk = await resume(first);
    app.clock.forward(LAPSED);
    await app.parley.lifecycle.sweep();
    expect((await read(talk)).status).toBe("completed");
  });

  test("after a resume of what nobody had joined gives cancelled", async () => {
    const talk = await resume(await start());
    app.clock.forward(LAPSED);
    await app.parley.lifecycle.sweep();
    expect((await read(talk)).status).toBe("cancelled");
  });

  test("does not end a conversation that somebody joined", async () => {
    const talk = await start();
    await send(joined(talk, 0));
    app.clock.forward(LAPSED);
    await app.parley.lifecycle.sweep();
    expect((await read(talk)).status).toBe("in_progress");
  });

  test("counts from the resume, not from the start", async () => {
    const first = await start();
    app.clock.forward(14 * 60);
    const talk = await resume(first);
    app.clock.forward(10 * 60);
    await app.parley.lifecycle.sweep();
    expect((await read(talk)).status).toBe("token_created");
  });
});

describe("the sweep", () => {
  /** Two sweeps, with so long between them that a room would have come back. */
  async function sweepOut(): Promise<void> {
    await app.parley.lifecycle.sweep();
    app.clock.forward(20);
    await app.parley.lifecycle.sweep();
  }

  /** A second instance of the service on the same database. */
  function secondInstance(): LifecycleService {
    return new LifecycleService(
      app.db,
      app.rooms,
      createLog("silent"),
      app.clock.now,
      app.parley.summaries,
    );
  }

  test("twice at once ends each conversation once, and a resume between them stands", async () => {
    const talks = await Promise.all(Array.from({ length: 8 }, () => start()));
    app.clock.forward(LAPSED);
    const resumed = talks.slice(0, 4);
    await Promise.all([
      app.parley.lifecycle.sweep(),
      secondInstance().sweep(),
      ...resumed.map((talk) => resume(talk)),
    ]);
    await app.parley.lifecycle.sweep();
    for (const talk of talks) {
      const expected = resumed.includes(talk) ? "token_created" : "cancelled";
      expect((await read(talk)).status).toBe(expected);
    }
  });

  test("touches a conversation once: the second finds nothing to do", async () => {
    const talk = await start();
    app.clock.forward(LAPSED);
    await app.parley.lifecycle.sweep();
    const { updatedAt } = await app.db.conversation.findUniqueOrThrow({ where: { id: talk.id } });
    app.clock.forward(60);
    await secondInstance().sweep();
    const after = await app.db.conversation.findUniqueOrThrow({ where: { id: talk.id } });
    expect(after.updatedAt).toEqual(updatedAt);
  });

  test("completes what was in progress when LiveKit came back without its room", async () => {
    const gone = await start();
    const here = await start();
    await send(joined(gone, 0), joined(here, 0));
    app.rooms.alive = new Set([here.room]);
    await sweepOut();
    expect((await read(gone)).status).toBe("completed");
    expect((await read(here)).status).toBe("in_progress");
  });

  test("ends nothing while LiveKit does not answer", async () => {
    const talk = await start();
    await send(joined(talk, 0));
    app.rooms.alive = undefined;
    await app.parley.lifecycle.sweep();
    expect((await read(talk)).status).toBe("in_progress");
    app.rooms.alive = new Set();
    await sweepOut();
    expect((await read(talk)).status).toBe("completed");
  });

  test("ends nothing whose room comes back within seconds, as after a restart of LiveKit", async () => {
    const talk = await start();
    await send(joined(talk, 0));
    app.rooms.alive = new Set();
    await app.parley.lifecycle.sweep();
    app.clock.forward(19);
    await app.parley.lifecycle.sweep();
    app.rooms.alive = new Set([talk.room]);
    await app.parley.lifecycle.sweep();
    app.clock.forward(19);
    app.rooms.alive = new Set();
    await app.parley.lifecycle.sweep();
    expect((await read(talk)).status).toBe("in_progress");
  });

  test("gives clients their time to come back when LiveKit was away in between", async () => {
    const talk = await start();
    await send(joined(talk, 0));
    app.rooms.alive = new Set();
    await app.parley.lifecycle.sweep();
    app.clock.forward(15);
    app.rooms.alive = undefined;
    await app.parley.lifecycle.sweep();
    app.clock.forward(15);
    app.rooms.alive = new Set();
    await app.parley.lifecycle.sweep();
    expect((await read(talk)).status).toBe("in_progress");
    await sweepOut();
    expect((await read(talk)).status).toBe("completed");
  });

  test("measures what vanished by the last thing that was said", async () => {
    const talk = await start();
    const at = (seconds: number): Date => new Date((base + seconds) * 1000);
    await app.db.conversationRoom.update({
      where: { name: talk.room },
      data: { createdAt: at(0) },
    });
    await send(joined(talk, 0));
    const turn = { conversationId: talk.id, role: "user", mode: "text", text: "Hi" } as const;
    await app.db.turn.createMany({
      data: [
        { ...turn, id: "1", createdAt: at(5) },
        { ...turn, id: "2", createdAt: at(42) },
      ],
    });
    app.rooms.alive = new Set();
    await sweepOut();
    expect(await read(talk)).toEqual({ status: "completed", duration: 42 });
  });

  test("counts what a room that was left behind had of a talk, when LiveKit crashed under it", async () => {
    const first = await start();
    await send(joined(first, 0));
    await app.db.conversationRoom.update({
      where: { name: first.room },
      data: { createdAt: new Date(base * 1000) },
    });
    const turn = { conversationId: first.id, role: "user", mode: "text", text: "Hi" } as const;
    await app.db.turn.create({
      data: { ...turn, id: "1", createdAt: new Date((base + 23) * 1000) },
    });
    app.clock.forward(60);
    const second = await resume(first);
    await send(joined(second, 70));
    app.rooms.alive = new Set([second.room]);
    await sweepOut();
    await send(left(second, 94), finished(second, 94));
    expect(await read(second)).toEqual({ status: "completed", duration: 47 });
  });

  test("deletes again a room that was left for another and is still there", async () => {
    const first = await start();
    await send(joined(first, 0));
    const second = await resume(first);
    await send(joined(second, 1));
    app.rooms.deleted.length = 0;
    app.rooms.alive = new Set([first.room, second.room]);
    await app.parley.lifecycle.sweep();
    expect(app.rooms.deleted).toEqual([first.room]);
    expect((await read(second)).status).toBe("in_progress");
  });

  test("counts a silent visitor for as long as the room was found open", async () => {
    const talk = await start();
    const at = Math.floor(app.clock.now().getTime() / 1000);
    await send({ event: "participant_joined", room: talk.room, identity: talk.identity, at });
    app.rooms.alive = new Set([talk.room]);
    app.clock.forward(30);
    await app.parley.lifecycle.sweep();
    app.rooms.alive = new Set();
    await sweepOut();
    const { status, duration } = await read(talk);
    expect(status).toBe("completed");
    expect(duration).toBeGreaterThanOrEqual(29);
    expect(duration).toBeLessThan(45);
  });

  test("completes what vanished also when its room had ended once before anybody joined", async () => {
    const talk = await start();
    await send(finished(talk, 300), started(talk, 400), joined(talk, 401));
    expect((await read(talk)).status).toBe("in_progress");
    app.rooms.alive = new Set();
    app.clock.forward(600);
    await sweepOut();
    expect((await read(talk)).status).toBe("completed");
  });

  test("sees more conversations than fit in one question to LiveKit", async () => {
    const talk = await start();
    await send(joined(talk, 0));
    const { currentRoom: _room, ...row } = await app.db.conversation.findUniqueOrThrow({
      where: { id: talk.id },
    });
    // Older ones that go on: they must not stand in the way of the newer one.
    const others = Array.from({ length: 250 }, (_, index) => ({
      ...row,
      id: `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
      customMetadata: {},
      initialContext: {},
      identityMetadata: {},
      consent: {},
      currentRoom: `long-${index}`,
      updatedAt: new Date(0),
    }));
    await app.db.conversation.createMany({ data: others });
    const room = await app.db.conversationRoom.findUniqueOrThrow({ where: { name: talk.room } });
    await app.db.conversationRoom.createMany({
      data: others.map(({ id, currentRoom: name }) => ({
        ...room,
        page: {},
        conversationId: id,
        name,
      })),
    });
    app.rooms.alive = new Set(others.map((other) => other.currentRoom));
    await sweepOut();
    expect((await read(talk)).status).toBe("completed");
    await app.db.conversation.deleteMany({ where: { id: { in: others.map(({ id }) => id) } } });
  });
});

test("every status of the contract is known", () => {
  expect([...CONVERSATION_STATUSES].toSorted()).toEqual(
    ["token_created", "triggered", "ringing", "in_progress", ...FINAL].toSorted(),
  );
});
