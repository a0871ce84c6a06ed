import { log } from "@livekit/agents";
import pino from "pino";
import { expect, test } from "vitest";
import { initializeFrameworkLog } from "../../src/agent/framework-log.js";

test("the framework's log has nothing that a visitor or a model said, and nothing for its own developers", () => {
  const lines: string[] = [];
  initializeFrameworkLog(pino({ level: "info" }, { write: (line) => void lines.push(line) }));
  log().warn("for developers");
  const said = { function: "show_info_widget", "lk.pii.arguments": '{"text":"my secret' };
  log().child({ part: "tools" }).error(said, "invalid arguments");
  const failed = Object.assign(new Error("no answer"), { request: "my secret" });
  log().error({ error: failed }, "the model failed");
  expect(lines).toHaveLength(2);
  expect(lines.join("")).not.toContain("secret");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    part: "tools",
    function: "show_info_widget",
    msg: "invalid arguments",
  });
  expect(JSON.parse(lines[1] ?? "")).toMatchObject({ error: { message: "no answer" } });
});
