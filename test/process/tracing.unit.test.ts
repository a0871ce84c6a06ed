import { pino } from "pino";
import { expect, test, vi } from "vitest";
import { startTracing } from "../../src/process/open-telemetry.js";
import { within } from "../../src/process/tracing.js";
import { freePort } from "../support/free-port.js";
import { OtlpReceiver } from "../support/otlp-receiver.js";

/** A log, and the lines in it. */
function logged(): { log: pino.Logger; lines: string[] } {
  const lines: string[] = [];
  return { lines, log: pino({}, { write: (line: string) => void lines.push(line) }) };
}

test("a collector that is away costs one line of the log, and the end waits no longer than said", async () => {
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", `http://127.0.0.1:${await freePort()}`);
  vi.stubEnv("OTEL_EXPORTER_OTLP_TIMEOUT", "300");
  vi.stubEnv("OTEL_BSP_SCHEDULE_DELAY", "20");
  const { log, lines } = logged();
  const tracing = startTracing("test", log);
  for (let round = 0; round < 3; round += 1) {
    tracing.begin("step", "internal").end();
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await expect.poll(() => lines.length, { timeout: 20_000 }).toBe(1);
  await tracing.shutdown(5_000);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("the OpenTelemetry collector takes no traces");
  vi.unstubAllEnvs();
});

test("a step goes on with its parent's trace, and of an error tells its kind alone", async () => {
  const receiver = await OtlpReceiver.start();
  vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
  vi.stubEnv("OTEL_SERVICE_NAME", "named");
  const tracing = startTracing("test", logged().log);
  const above = tracing.begin("above", "server", "no traceparent");
  const failing = within(tracing.begin("below", "internal", above.traceparent), () =>
    Promise.reject(new TypeError("of guest_1")),
  );
  await expect(failing).rejects.toThrow("guest_1");
  above.end({ "http.route": "/x" });
  above.end({ "http.route": "/y" });
  await tracing.shutdown(5_000);
  await receiver.stop();
  vi.unstubAllEnvs();

  const [first, second] = receiver.spans.toSorted((a, b) => a.name.localeCompare(b.name));
  expect(first?.parentSpanId).toBeUndefined();
  expect(second?.parentSpanId).toBe(first?.spanId);
  expect(second?.traceId).toBe(first?.traceId);
  expect(first?.traceId).not.toMatch(/^0*$/);
  expect(first?.service).toBe("named");
  expect(receiver.sent).toContain("TypeError");
  expect(receiver.sent).toContain("/x");
  expect(receiver.sent).not.toMatch(/guest_1|\/y/);
});
