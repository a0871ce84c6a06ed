import { leaveAll, start, VisitorClient } from "../agent/visitor-client.js";
import { until } from "../support/process.js";
import { childrenOf } from "../support/process-tree.js";
import { Tally, seconds, type Fault } from "./fault.js";

const ROUNDS = 3;
/** Long enough that its answer, which repeats it, takes a while. */
const QUESTION = Array.from({ length: 40 }, (_, number) => `word${number}`).join(" ");
/** The demo agent quotes what it does not know. */
const WHOLE = /word39”/;

/** kill -9 of the agent worker while it answers a visitor. */
export const agentKilled: Fault = {
  name: "kill-agent",
  bar: "the question is answered again, whole, and nobody is welcomed back",
  databases: ["embedded"],
  long: ["embedded"],
  run: async (bench) => {
    const parley = await bench.demo();
    bench.atEnd(leaveAll);
    const [, widgetId = ""] = await parley.said(/Demo widget +(\S+)/);
    const tally = new Tally();
    let slowest = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await until(
        async () =>
          (await start(parley, widgetId, { user_id: "asks" })).agentAvailable ? true : undefined,
        () => "the agent does not come back",
      );
      const visitor = await VisitorClient.join(
        await start(parley, widgetId, { user_id: `visitor ${round}` }),
      );
      await visitor.hears(/Harbour Coffee/);
      await visitor.write(QUESTION, `question-${round}`);
      await until(
        () => (visitor.hearing.includes("word0") ? true : undefined),
        () => "the agent did not begin to answer",
      );
      const killedAt = Date.now();
      const [worker = 0] = childrenOf(parley.pid);
      process.kill(worker, "SIGKILL");
      const answer = await visitor.hears(WHOLE).catch(() => undefined);
      slowest = Math.max(slowest, Date.now() - killedAt);
      tally.check(answer !== undefined, "never answered");
      const greetings = visitor.said.filter(({ text }) => text.startsWith("Hello"));
      if (greetings.length > 1) tally.check(false, "greeted again");
      await visitor.leave();
    }
    return tally.outcome("kills in the middle of an answer", `whole after ${seconds(slowest)}`);
  },
};
