import { randomUUID } from "node:crypto";
import { dispose } from "@livekit/rtc-node";
import { afterAll, expect, test } from "vitest";
import { OtlpReceiver, type ReceivedSpan } from "../support/otlp-receiver.js";
import { cleanUpProcesses, ParleyProcess, temporaryDirectory, until } from "../support/process.js";
import { leaveAll, start, VisitorClient } from "./visitor-client.js";

cleanUpProcesses();
afterAll(async () => {
  await leaveAll();
  await dispose();
});

/** The numbers that OTLP has for what a span is to others. */
const [INTERNAL, SERVER, PRODUCER, CONSUMER] = [1, 2, 4, 5];

test("one trace leads from a start to the agent's first word, and names nobody", async () => {
  const receiver = await OtlpReceiver.start();
  const parley = await ParleyProcess.start({
    DATA_DIR: await temporaryDirectory(),
    TRUST_PROXY: "1",
    LOG_LEVEL: "warn",
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_BSP_SCHEDULE_DELAY: "100",
  });
  const key = parley.demoKey;
  const widgetId = parley.demoWidgetId;
  await parley.said(/The agent is ready/);

  const secret = {
    userId: `visitor-${randomUUID()}`,
    metadata: `plan-${randomUUID()}`,
    question: `is ${randomUUID()} open?`,
    address: "203.0.113.77",
  };
  const body = { user_id: secret.userId, custom_metadata: { plan: secret.metadata } };
  const headers = {
    "x-forwarded-for": secret.address,
    // A stranger's own trace is not gone on with.
    traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01`,
  };
  const started = await start(parley, widgetId, body, headers);
  const visitor = await VisitorClient.join(started);
  const { text: greeting } = await visitor.hears(/Harbour Coffee/);
  await visitor.write(secret.question);
  await visitor.hears(new RegExp(secret.question.slice(3, 30)));
  await visitor.leave();
  const word = await until(
    () => receiver.spans.find(({ name }) => name === "first word"),
    () => `no word among ${receiver.spans.map(({ name }) => name).join(", ")}`,
  );
  parley.kill("SIGTERM");
  expect(await parley.exit).toBe(0);
  await receiver.stop();

  const trace = receiver.spans.filter(({ traceId }) => traceId === word.traceId);
  const byId = new Map(trace.map((span) => [span.spanId, span]));
  const told = trace.map((span: ReceivedSpan) => ({
    name: span.name,
    kind: span.kind,
    service: span.service,
    below: span.parentSpanId ? byId.get(span.parentSpanId)?.name : null,
  }));
  const post = "POST /core/public/web-widgets/{widget_id}/conversations";
  expect(told).toHaveLength(6);
  expect(told).toEqual(
    expect.arrayContaining([
      { name: post, kind: SERVER, service: "parley", below: null },
      { name: "dispatch", kind: PRODUCER, service: "parley", below: post },
      { name: "job", kind: CONSUMER, service: "parley-agent", below: "dispatch" },
      { name: "POST /core/worker/jobs", kind: SERVER, service: "parley", below: "job" },
      { name: "GET /core/worker/job", kind: SERVER, service: "parley", below: "job" },
      { name: "first word", kind: INTERNAL, service: "parley-agent", below: "job" },
    ]),
  );
  expect(word.traceId).not.toBe("a".repeat(32));

  const { conversationId, visitorToken, token, room } = started;
  const words = [...Object.values(secret), greeting.slice(0, 30), key, widgetId];
  for (const own of [...words, conversationId, visitorToken, token, room, "127.0.0.1", "plan"]) {
    expect(receiver.sent).not.toContain(own);
  }
  const keys = new Set(
    receiver.spans.flatMap(({ attributes }) => attributes.map((one) => one.key)),
  );
  expect([...keys].toSorted()).toEqual([
    "http.request.method",
    "http.response.status_code",
    "http.route",
  ]);
});
