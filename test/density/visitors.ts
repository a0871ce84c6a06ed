/** A process of visitors, begun by `crowd.ts`. */
import { setTimeout as delay } from "node:timers/promises";
import { Microphone, recordedQuestion } from "../agent/microphone.js";
import { leaveAll, start, VisitorClient } from "../agent/visitor-client.js";
import { askJson, until } from "../support/process.js";
import type { CrowdMessage, CrowdOrder } from "./crowd.js";

// LiveKit's client drops the handle of a room that it could not join once more when it is collected; its visitor tries again.
process.on("uncaughtException", (error) => {
  if (!/invalid handle/.test(String(error))) throw error;
});
process.on("message", (order: CrowdOrder) => void follow(order));
tell({ type: "ready" });

let all: readonly Joined[] = [];

async function follow(order: CrowdOrder): Promise<void> {
  if (order.type === "join") {
    const { origin, visitors, widgetId } = order;
    all = await Promise.all(
      visitors.map(async ({ number, atMs }) => {
        await delay(atMs);
        return joined(origin, widgetId, number);
      }),
    );
    const joinMs = all.map((one) => one.joinMs);
    return tell({ type: "joined", joinMs, firstWordMs: all.map((one) => one.firstWordMs) });
  }
  if (order.type === "leave") {
    await leaveAll();
    process.exit();
  }
  const answer = order.kind === "text" ? written : spoken;
  const answerMs = await Promise.all(all.map(async ({ visitor }) => answer(visitor)));
  return tell({ type: "answered", answerMs });
}

function tell(message: CrowdMessage): void {
  process.send?.(message);
}

interface Joined {
  readonly visitor: VisitorClient;
  /** From the start's request until the room is joined. */
  readonly joinMs: number;
  /** From then until the greeting begins. */
  readonly firstWordMs: number;
}

async function joined(origin: string, widgetId: string, number: number): Promise<Joined> {
  const platform = {
    json: (path: string, options: Parameters<typeof askJson>[1]) => askJson(origin + path, options),
  };
  const begunMs = performance.now();
  // Each from an address of its own: one has no hundred starts a minute.
  const headers = { "x-forwarded-for": `203.0.113.${number}` };
  const visitor = await until(
    // An overwhelmed platform says so, and a panel tries again; so it does when LiveKit does not let it in.
    () =>
      start(platform, widgetId, { user_id: `visitor ${number}` }, headers)
        .then((started) => VisitorClient.join(started))
        .catch(() => undefined),
    () => `visitor ${number} does not come in`,
  );
  const joinedMs = performance.now();
  await until(
    () => (visitor.hearing === "" ? undefined : true),
    () => `visitor ${number} hears nothing`,
  );
  const firstWordMs = performance.now() - joinedMs;
  await visitor.hears(/Harbour Coffee/);
  return { visitor, joinMs: joinedMs - begunMs, firstWordMs };
}

/** @returns milliseconds until the answer begins. */
async function written(visitor: VisitorClient): Promise<number> {
  const begunMs = performance.now();
  await visitor.write("How long does shipping take?");
  await until(
    () => (visitor.hearing.startsWith("Hello") ? undefined : true),
    () => "no answer",
  );
  return performance.now() - begunMs;
}

/** @returns milliseconds from the end of what was said until the answer begins. */
async function spoken(visitor: VisitorClient): Promise<number> {
  const microphone = await Microphone.open(visitor.me);
  await microphone.say(await recordedQuestion());
  const begunMs = performance.now();
  await until(
    () => (visitor.hearing.startsWith("You said") ? true : undefined),
    () => "no answer",
  );
  return performance.now() - begunMs;
}
