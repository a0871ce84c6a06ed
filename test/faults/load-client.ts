/**
 * The load: a process of its own, so that neither the platform nor the bench delays it. Each worker
 * has one kept connection and asks as soon as it was answered, until it is told to stop.
 */
import { Agent } from "node:http";
import { ask, type Reply } from "./ask.js";
import type { LoadPlan, LoadReply } from "./load.js";

const AFTER_FAILURE_MS = 50;

const replies: LoadReply[] = [];
const stop = new AbortController();

process.once("message", (plan) => void run(plan as LoadPlan));
// The bench is gone: nobody wants the answers.
process.once("disconnect", () => process.exit(1));

async function run(plan: LoadPlan): Promise<void> {
  process.once("message", () => stop.abort());
  await Promise.all(Array.from({ length: plan.workers }, (_, index) => work(plan, index)));
  process.send?.(replies, () => process.exit(0));
}

async function work(plan: LoadPlan, index: number): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { path, write } = plan.requests[index % plan.requests.length] ?? { path: "/healthz" };
  for (let turn = 0; !stop.signal.aborted; turn += 1) {
    const name = `${plan.prefix}-${index}-${turn}`;
    const reply = await ask(plan.url + path, {
      agent,
      ...(plan.key ? { key: plan.key } : {}),
      ...(plan.addresses ? { localAddress: `127.0.1.${1 + (index % plan.addresses)}` } : {}),
      ...(write ? { method: "POST", body: { name } } : {}),
    });
    if (replies.length === 0) process.send?.("begun");
    replies.push({ ...small(reply), path, ...(write ? { name } : {}) });
    await pause(reply.status === 0 ? AFTER_FAILURE_MS : plan.pauseMs);
  }
  agent.destroy();
}

/** Without what nobody looks at. */
function small({ headers, ...reply }: Reply): Reply {
  const retryAfter = headers["retry-after"];
  return { ...reply, body: "", headers: retryAfter ? { "retry-after": retryAfter } : {} };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
