import { afterEach, beforeEach, describe, expect, test, vi, type MockInstance } from "vitest";
import { AgentSupervisor } from "../../../src/platform/dispatch/agent-supervisor.js";
import { createLog } from "../../../src/process/log.js";
import { until } from "../../support/process.js";

const NODE = process.execPath;

interface Failure {
  readonly how: string;
  readonly execPath: string;
  readonly env: Record<string, string>;
}

describe.each<Failure>([
  { how: "emits", execPath: "/nonexistent/node", env: {} },
  { how: "throws", execPath: NODE, env: { TOO_LONG: "x".repeat(1024 * 1024) } },
])("a worker that cannot be spawned, which Node $how", ({ execPath, env }) => {
  let supervisor: AgentSupervisor;
  let logged: MockInstance;

  beforeEach(() => {
    process.execPath = execPath;
    const log = createLog("silent");
    logged = vi.spyOn(log, "error");
    supervisor = new AgentSupervisor({
      env,
      onRegistered: () => {},
      onLost: () => {},
      onAgentLost: () => {},
      log,
    });
  });
  afterEach(() => {
    process.execPath = NODE;
  });

  test("is tried again, until the stop", async () => {
    const deaths = (): number =>
      logged.mock.calls.filter(([, message]) => message === "the agent worker died").length;
    supervisor.start();
    await until(
      () => (deaths() === 2 ? true : undefined),
      () => "there was no second attempt",
    );
    await supervisor.stop();
    expect(deaths()).toBe(2);
  });

  test("keeps no stop waiting", async () => {
    supervisor.start();
    await supervisor.stop();
  });
});
