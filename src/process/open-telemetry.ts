import { setTimeout as delay } from "node:timers/promises";
import { ROOT_CONTEXT, SpanKind as Kind, trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  NodeTracerProvider,
  type SpanExporter,
} from "@opentelemetry/sdk-trace-node";
import type { Logger } from "pino";
import type { SpanKind, Tracing } from "./tracing.js";

const TRACEPARENT = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/;
const EXPORTED = 0;
const KINDS: Readonly<Record<SpanKind, number>> = {
  internal: Kind.INTERNAL,
  server: Kind.SERVER,
  producer: Kind.PRODUCER,
  consumer: Kind.CONSUMER,
};

/**
 * OpenTelemetry's SDK, which reads the standard `OTEL_*` variables by itself: endpoint, headers,
 * timeout, sampler, batches, resource. Nothing of it becomes global: what other packages would tell of
 * themselves, such as the agent's framework of its talks, is told to nobody.
 *
 * @param service the program's name, unless `OTEL_SERVICE_NAME` gives another.
 */
export function startTracing(service: string, log: Logger): Tracing {
  const named = resourceFromAttributes({ "service.name": service });
  const provider = new NodeTracerProvider({
    resource: named.merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(tellingOnce(new OTLPTraceExporter(), log))],
  });
  const tracer = provider.getTracer("parley");
  return {
    begin: (name, kind, parent = "") => {
      const [, traceId, spanId, flags = ""] = TRACEPARENT.exec(parent) ?? [];
      const around =
        traceId && spanId
          ? trace.setSpanContext(ROOT_CONTEXT, {
              traceId,
              spanId,
              traceFlags: Number.parseInt(flags, 16),
              isRemote: true,
            })
          : ROOT_CONTEXT;
      const span = tracer.startSpan(name, { kind: KINDS[kind] }, around);
      const own = span.spanContext();
      const ownFlags = own.traceFlags.toString(16).padStart(2, "0");
      let isOver = false;
      return {
        traceparent: `00-${own.traceId}-${own.spanId}-${ownFlags}`,
        end: (facts = {}) => {
          if (isOver) return;
          isOver = true;
          span.setAttributes(facts).end();
        },
      };
    },
    shutdown: async (timeoutMs) => {
      const sent = provider.shutdown().catch(() => undefined);
      await Promise.race([sent, delay(timeoutMs, undefined, { ref: false })]);
    },
  };
}

/** A collector that is away is no fault of ours: the log has it once, until it was there again. */
function tellingOnce(exporter: SpanExporter, log: Logger): SpanExporter {
  let isAway = false;
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        const failed = result.code !== EXPORTED;
        if (failed && !isAway) {
          log.warn({ err: result.error }, "the OpenTelemetry collector takes no traces");
        }
        isAway = failed;
        done(result);
      }),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}
