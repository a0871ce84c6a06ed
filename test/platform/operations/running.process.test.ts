import { randomUUID } from "node:crypto";
import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { cloneDatabaseUrl, onPostgres } from "../../support/database.js";
import {
  cleanUpProcesses,
  FOREIGN_LIVEKIT,
  ParleyProcess,
  temporaryDirectory,
  until,
} from "../../support/process.js";

const APP_SECRET = "mark-app-secret-of-more-than-32-characters";
const AGENT_SECRET = "mark-agent-secret-of-more-than-32-characters";

cleanUpProcesses();

async function embedded(env: Record<string, string> = {}): Promise<ParleyProcess> {
  const dataDir = await temporaryDirectory();
  return ParleyProcess.start({ ...FOREIGN_LIVEKIT, DATA_DIR: dataDir, ...env });
}

/** A request whose body is sent in two parts, so that it is open while something else happens. */
class SlowRequest {
  answer = "";
  readonly closed: Promise<void>;
  private readonly socket: Socket;
  private readonly rest: string;

  constructor(url: string, key: string, body: object) {
    const { port } = new URL(url);
    const text = JSON.stringify(body);
    this.rest = text.slice(5);
    this.socket = connect(Number(port), "127.0.0.1");
    this.socket.setEncoding("utf8");
    this.socket.on("data", (chunk: string) => (this.answer += chunk));
    this.closed = new Promise((resolve) => this.socket.once("close", () => resolve()));
    this.socket.on("error", () => {});
    this.socket.write(
      `POST /core/agents HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n` +
        `Content-Type: application/json\r\nExpect: 100-continue\r\n` +
        `Content-Length: ${text.length}\r\n\r\n`,
    );
    // The server's "100 Continue" shows that it has the request.
    this.socket.once("data", () => this.socket.write(text.slice(0, 5)));
  }

  finish(): void {
    this.socket.write(this.rest);
  }
}

/** PostgreSQL behind a connection that a test can cut and mend. */
class DatabaseBehindCable {
  private readonly sockets = new Set<Socket>();

  private constructor(
    readonly url: string,
    private readonly server: Server,
    private readonly port: number,
  ) {}

  static async plugIn(databaseUrl: string): Promise<DatabaseBehindCable> {
    const target = new URL(databaseUrl);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const url = new URL(databaseUrl);
    url.host = `127.0.0.1:${port}`;
    const database = new DatabaseBehindCable(url.href, server, port);
    server.on("connection", (near) => {
      const far = connect(Number(target.port || 5432), target.hostname);
      for (const socket of [near, far]) {
        database.sockets.add(socket);
        socket.on("error", () => {});
        socket.on("close", () => [near, far].forEach((end) => end.destroy()));
      }
      near.pipe(far).pipe(near);
    });
    return database;
  }

  async pull(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
    await closed;
  }

  replug(): Promise<void> {
    return new Promise((resolve) => this.server.listen(this.port, "127.0.0.1", () => resolve()));
  }
}

describe.skipIf(onPostgres)("a signal to stop", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s: takes no new request, answers the open one, exits 0",
    async (signal) => {
      const parley = await embedded();
      const [key = ""] = await parley.said(/ak_[\da-f]+\.[\w-]+/);
      const slow = new SlowRequest(parley.url, key, { name: "Slow" });
      await until(
        () => (slow.answer.includes("100 Continue") ? true : undefined),
        () => "the request did not begin",
      );
      parley.kill(signal);
      // A second signal, as npm and a terminal send it, changes nothing.
      parley.kill(signal);
      await until(
        () =>
          fetch(`${parley.url}/healthz`).then(
            () => undefined,
            () => true,
          ),
        () => "it still listens",
      );
      slow.finish();
      await slow.closed;
      expect(slow.answer).toContain("HTTP/1.1 201 Created");
      expect(slow.answer).toContain('"name":"Slow"');
      expect(await parley.exit).toBe(0);
    },
  );
});

describe.skipIf(onPostgres)("the grace period", () => {
  test("readiness is off while everything is still served, and every answer ends its connection", async () => {
    const parley = await embedded({ SHUTDOWN_GRACE_SECONDS: "15" });
    const [key = ""] = await parley.said(/ak_[\da-f]+\.[\w-]+/);
    parley.kill("SIGTERM");
    const ready = await until(
      async () => {
        const answer = await parley.json("/readyz");
        return answer.status === 503 ? answer : undefined;
      },
      () => "readiness stays on",
    );
    expect(ready.body).toEqual({ status: "stopping" });
    expect(Number(ready.headers.get("retry-after"))).toBeGreaterThan(0);
    const answers = [
      await parley.json("/healthz"),
      await parley.json("/core/agents", { key }),
      await parley.json("/core/agents", { key, body: { name: "Late" } }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 201]);
    for (const { headers } of answers) expect(headers.get("connection")).toBe("close");
    expect(await parley.exit).toBe(0);
  });

  test("is left out for SIGINT, as a terminal sends it", async () => {
    const parley = await embedded({ SHUTDOWN_GRACE_SECONDS: "300" });
    parley.kill("SIGINT");
    expect(await parley.exit).toBe(0);
  });
});

describe.skipIf(onPostgres)("the log", () => {
  test("has one line a request, with its id, and never a secret, a token or a query string", async () => {
    const parley = await embedded({
      LOG_LEVEL: "trace",
      APP_SECRET,
      AGENT_SECRET,
      LIVEKIT_API_SECRET: "mark-livekit-secret-of-more-than-32-characters",
    });
    const [key = ""] = await parley.said(/ak_[\da-f]+\.[\w-]+/);
    const [, widgetId = ""] = await parley.said(/Demo widget +([\da-f-]{36})/);
    const before = parley.logLines.length;
    const path = `/core/public/web-widgets/${widgetId}`;
    const ticket = await parley.json(`${path}/embed-ticket`, { body: {} });
    const started = await parley.json(`${path}/conversations?mark-query=1`, {
      body: { user_id: "mark-user", custom_metadata: { a: "mark-metadata" } },
      headers: { "x-embed-ticket": String(ticket.body["ticket"]), "x-request-id": "request-0001" },
    });
    expect(started.status).toBe(200);
    expect(started.headers.get("x-request-id")).toBe("request-0001");
    const answer = JSON.parse(started.text);
    const token: string = answer.visitor_token;
    const id: string = answer.conversation.id;
    const visitor = { "x-visitor-token": token };
    const statuses = [
      await parley.json(`${path}/conversations/${id}/messages?token=${token}`, {
        headers: visitor,
      }),
      await parley.json(`${path}/conversations/${id}/feedback`, {
        body: { data: { rating: 5, comment: "mark-comment" } },
        headers: visitor,
      }),
      await parley.json(`/core/conversations?user_id=mark-filter`, { key }),
      await parley.json(`/core/conversations/${id}`, { key }),
      await parley.json(`/core/agents?api_key=${key}`, { key: `${key}mark-wrong` }),
      await parley.json(`/core/agents`, { key, body: '{"mark-broken' }),
      await parley.json(`/core/agents`, { key, body: { name: "x".repeat(1_100_000) } }),
      await parley.json(`${path}/conversations`, { body: { user_id: "x".repeat(70_000) } }),
      await parley.json(`/mark-path-is-logged?mark-query=1`),
      await parley.json("/graphql", {
        key,
        body: { query: '{ agent(id: "mark-literal") { id } }' },
      }),
      await parley.json("/graphql", {
        key,
        body: {
          query: "mutation ($i: CreateApiKeyInput!) { createApiKey(input: $i) { secret } }",
          variables: { i: { name: "mark-name", scopes: ["AGENTS_READ"] } },
        },
      }),
      await parley.json("/livekit/webhook", {
        body: "{}",
        headers: { authorization: "mark-signature" },
      }),
    ];
    expect(statuses.map(({ status }) => status)).toEqual([
      200, 200, 200, 200, 401, 400, 413, 413, 404, 400, 200, 401,
    ]);
    await until(
      () => (parley.logLines.length >= before + 14 ? true : undefined),
      () => `too few lines:\n${parley.output}`,
    );
    const requests = parley.logLines.slice(before).filter((line) => "responseTime" in line);
    expect(requests).toHaveLength(14);
    for (const line of requests) {
      expect(line["req"]).toEqual({
        id: expect.stringMatching(/^[\w-]{8,64}$/),
        method: expect.any(String),
        path: expect.stringMatching(/^\/[^?]*$/),
      });
      expect(line["res"]).toEqual({ status: expect.any(Number) });
    }
    expect(requests.map((line) => line["req"])).toContainEqual({
      id: "request-0001",
      method: "POST",
      path: `${path}/conversations`,
    });
    const log = parley.output.replace(key, "").replaceAll("/mark-path-is-logged", "");
    const created = /ak_[\da-f]+\.[\w-]+/.exec(statuses[10]?.text ?? "")?.[0] ?? "missing";
    for (const secret of [
      "mark",
      key,
      key.split(".")[1] ?? "",
      created,
      token,
      String(ticket.body["ticket"]),
      answer.connection_details.token,
    ]) {
      expect(secret).not.toBe("");
      expect(log, secret).not.toContain(secret);
    }
  });

  test("is silent about healthz and readyz, which are asked every few seconds", async () => {
    const parley = await embedded();
    const health = await parley.json("/healthz");
    const ready = await parley.json("/readyz");
    expect([health.status, health.body]).toEqual([200, { status: "ok" }]);
    expect([ready.status, ready.body]).toEqual([200, { status: "ok" }]);
    await parley.json("/nowhere");
    await parley.said(/"path":"\/nowhere"/);
    expect(parley.output).not.toMatch(/healthz|readyz/);
  });
});

describe.skipIf(onPostgres)("the forms of a refusal", () => {
  test("404, 400, 413 and 415 are one JSON sentence, without a stack, in production too", async () => {
    const key = `ak_bootstrap1.${"k".repeat(32)}`;
    const parley = await embedded({
      NODE_ENV: "production",
      PUBLIC_URL: "https://parley.example",
      AGENT_SECRET,
      BOOTSTRAP_API_KEY: key,
      BOOTSTRAP_ORG: "acme",
    });
    const text = { "content-type": "text/plain" };
    const answers = [
      [404, await parley.json("/")],
      [404, await parley.json("/core/nothing")],
      [404, await parley.json("/core/agents/%E0%A4%A")],
      [404, await parley.json(`/core/agents/${randomUUID()}`, { key })],
      [400, await parley.json("/core/agents", { key, body: "{" })],
      [415, await parley.json("/core/agents", { key, body: "name", headers: text })],
      [413, await parley.json("/core/agents", { key, body: { name: "x".repeat(1_100_000) } })],
    ] as const;
    for (const [status, answer] of answers) {
      expect(answer.status).toBe(status);
      expect(Object.keys(answer.body)).toEqual(["detail"]);
      expect(answer.text).not.toMatch(/ at |node_modules|Error/);
      expect(answer.headers.get("x-powered-by")).toBeNull();
    }
    const broken = await parley.json("/graphql", { body: { query: "{ nonsense }" } });
    expect(broken.status).toBe(400);
    expect(broken.text).not.toMatch(/stacktrace|node_modules/);
  });
});

describe.runIf(onPostgres)("on PostgreSQL", () => {
  test("three instances that start at once on an empty database all come up, with one key", async () => {
    const databaseUrl = await cloneDatabaseUrl({ empty: true });
    const key = `ak_bootstrap1.${"k".repeat(32)}`;
    const env = {
      ...FOREIGN_LIVEKIT,
      DATABASE_URL: databaseUrl,
      DATA_DIR: await temporaryDirectory(),
      APP_SECRET,
      BOOTSTRAP_API_KEY: key,
    };
    const all = await Promise.all([1, 2, 3].map(() => ParleyProcess.start(env)));
    const [first, second, third] = all;
    const created = await first?.json("/core/agents", { key, body: { name: "Shared" } });
    expect(created?.status).toBe(201);
    for (const parley of [second, third]) {
      expect((await parley?.json("/core/agents", { key }))?.text).toContain("Shared");
      // A demo is for the embedded database.
      expect(parley?.output).not.toContain("Demo widget");
    }
    for (const parley of all) parley.kill("SIGTERM");
    expect(await Promise.all(all.map((parley) => parley.exit))).toEqual([0, 0, 0]);
  });

  test("readyz says 503 while the database is away, and so does the API; healthz does not", async () => {
    const database = await DatabaseBehindCable.plugIn(await cloneDatabaseUrl());
    const key = `ak_bootstrap1.${"k".repeat(32)}`;
    const parley = await ParleyProcess.start({
      ...FOREIGN_LIVEKIT,
      DATABASE_URL: database.url,
      DATA_DIR: await temporaryDirectory(),
      APP_SECRET,
      BOOTSTRAP_API_KEY: key,
    });
    expect((await parley.json("/readyz")).status).toBe(200);
    await database.pull();
    const ready = await parley.json("/readyz");
    expect(ready.status).toBe(503);
    expect(Number(ready.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await parley.json("/healthz")).status).toBe(200);
    const rest = await parley.json("/core/agents", { key });
    expect(rest.status).toBe(503);
    expect(Number(rest.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(rest.text).not.toMatch(/postgres|ECONN|127\.0\.0\.1/);
    const graphql = await parley.json("/graphql", { key, body: { query: "{ me { scopes } }" } });
    expect(graphql.text).toContain('"SERVICE_UNAVAILABLE"');
    await database.replug();
    expect((await parley.json("/readyz")).status).toBe(200);
    expect((await parley.json("/core/agents", { key })).status).toBe(200);
    // It did not take the process down.
    parley.kill("SIGTERM");
    expect(await parley.exit).toBe(0);
  });

  test("a database that is not there ends the start with exit 1", async () => {
    const parley = await ParleyProcess.spawn({
      ...FOREIGN_LIVEKIT,
      DATABASE_URL: "postgresql://nobody:mark-password@127.0.0.1:9/none",
      DATA_DIR: await temporaryDirectory(),
      APP_SECRET,
    });
    expect(await parley.exit).toBe(1);
    expect(parley.output).not.toContain("mark-password");
  });
});
