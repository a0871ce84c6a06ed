import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

/** A span, as OTLP's JSON has it. */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  /** By name; of the value only its text. */
  readonly attributes: readonly { readonly key: string; readonly value: object }[];
  readonly service: string;
}

/** OpenTelemetry's collector, as far as it takes traces. */
export class OtlpReceiver {
  /** All that was sent: headers and bodies. */
  sent = "";
  readonly spans: ReceivedSpan[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(): Promise<OtlpReceiver> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const receiver = new OtlpReceiver(server, `http://127.0.0.1:${port}`);
    server.on("request", (req, res) => {
      const { host: _ours, ...headers } = req.headers;
      let body = "";
      req.setEncoding("utf8").on("data", (text: string) => (body += text));
      req.on("end", () => {
        receiver.sent += `${req.url} ${JSON.stringify(headers)}\n${body}\n`;
        receiver.read(body);
        res.writeHead(200, { "content-type": "application/json" }).end("{}");
      });
    });
    return receiver;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private read(body: string): void {
    for (const { resource, scopeSpans } of JSON.parse(body).resourceSpans) {
      const service = resource.attributes.find(({ key }: { key: string }) => key === "service.name")
        ?.value.stringValue;
      for (const { spans } of scopeSpans) {
        for (const span of spans) this.spans.push({ ...span, service });
      }
    }
  }
}
