import { ask, type Reply } from "../../faults/ask.js";
import { CONNECTIONS, type LoadRequest } from "../load.js";
import type { Program } from "../program.js";
import type { Case, Row } from "../row.js";
import { addressOf, SITE, type Stage, widgetConfig } from "../stage.js";

/** So many other clients, before the first one comes again. */
const CLIENTS = CONNECTIONS * 500;
const UPDATED_AT = `"updated_?[aA]t":"[^"]*"`;
/** What an answer carries when nothing was left out to be fast. */
const EXPECTED_HEADERS = [
  "x-request-id",
  "content-security-policy",
  "strict-transport-security",
  "access-control-allow-origin",
  "ratelimit",
  "ratelimit-policy",
];

/** `GET /core/public/web-widgets/{id}` by ever other clients. */
export const publicWidget: Row = {
  name: "public-widget",
  cases: async (stage) => {
    const { ours, path } = await publicGet(stage);
    const before = await get(ours, path);
    for (const name of EXPECTED_HEADERS) {
      if (before.headers[name] === undefined) throw new Error(`${path} has no ${name}`);
    }
    await refusesOthers(ours, path);
    const change = titleChanger(stage, (title) => seesTitle(ours, path, title));
    await change();
    const after = await get(ours, path);
    const bodies = [before.body, after.body];
    return [
      {
        path: "GET /core/public/web-widgets/{id}",
        bar: 0.7,
        ours: { program: ours, requests: () => visits(path), bodies, varying: UPDATED_AT },
        baseline: await staticBaseline(stage, after, path),
        change,
      },
    ];
  },
};

/** The same, of browsers that have it already. */
export const publicWidgetKept: Row = {
  name: "public-widget-304",
  cases: async (stage) => {
    const { ours, path } = await publicGet(stage);
    let known = await get(ours, path);
    const kept = (): LoadRequest[] => visits(path, { "if-none-match": etagOf(known) });
    const change = titleChanger(stage, async (title) => {
      const stale = etagOf(known);
      const reply = await get(ours, path, { "if-none-match": stale });
      if (reply.status !== 200 || !reply.body.includes(title)) {
        throw new Error("a changed widget was said to be the same");
      }
      known = reply;
    });
    const same = await get(ours, path, { "if-none-match": etagOf(known) });
    if (same.status !== 304) throw new Error(`${path} with its ETag: ${same.status}`);
    const baseline = await stage.baseline("static.ts", {
      ANSWER: JSON.stringify({ status: 304, headers: { etag: etagOf(known) }, body: "" }),
    });
    return [
      {
        path: "the same with If-None-Match",
        bar: 0.7,
        ours: { program: ours, requests: kept },
        baseline: { program: baseline, requests: kept, bodies: [""] },
        change,
        changesOnce: true,
      },
    ];
  },
};

/** The script of a website's one line. */
export const loaderScript: Row = {
  name: "loader",
  cases: async (stage) => {
    const { widgetId } = await stage.things();
    const ours = await stage.parley();
    const path = `/public/embed/${widgetId}`;
    const known = await get(ours, path);
    return [
      {
        path: "loader script",
        bar: 0.7,
        ours: { program: ours, requests: () => visits(path), bodies: [known.body] },
        baseline: await staticBaseline(stage, known, path),
      },
    ];
  },
};

async function publicGet(stage: Stage): Promise<{ ours: Program; path: string }> {
  const { widgetId } = await stage.things();
  return { ours: await stage.parley(), path: `/core/public/web-widgets/${widgetId}` };
}

/** One page view each, of other visitors. */
export function visits(path: string, headers: Record<string, string> = {}): LoadRequest[] {
  return Array.from({ length: CLIENTS }, (_, n) => ({
    method: "GET",
    path,
    headers: { origin: SITE, "x-forwarded-for": addressOf(n), ...headers },
  }));
}

async function staticBaseline(
  stage: Stage,
  answer: Reply,
  path: string,
): Promise<Case["baseline"]> {
  const headers = {
    "content-type": answer.headers["content-type"] ?? "",
    "content-length": Buffer.byteLength(answer.body),
    etag: etagOf(answer),
  };
  const body = Buffer.from(answer.body).toString("base64");
  const program = await stage.baseline("static.ts", {
    ANSWER: JSON.stringify({ status: 200, headers, body }),
  });
  return { program, requests: () => visits(path), bodies: [answer.body] };
}

let asked = 0;

/** As a visitor who is nobody else. @throws Error for anything but 200 and 304. */
async function get(
  { url }: Program,
  path: string,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const reply = await ask(url + path, {
    headers: { origin: SITE, "x-forwarded-for": `192.168.0.${asked++ % 250}`, ...headers },
  });
  if (reply.status !== 200 && reply.status !== 304) {
    throw new Error(`${path}: ${reply.status} ${reply.error ?? reply.body}`);
  }
  return reply;
}

async function refusesOthers({ url }: Program, path: string): Promise<void> {
  const { status } = await ask(url + path, { headers: { origin: "https://other.example" } });
  if (status !== 403) throw new Error(`another website's page was answered ${status}`);
}

async function seesTitle(ours: Program, path: string, title: string): Promise<void> {
  const { body } = await get(ours, path);
  if (!body.includes(title)) throw new Error(`the change to ${title} is not seen in ${body}`);
}

/** Gives the widget another title, and looks for it at once: by the instance that wrote it, it is seen. */
export function titleChanger(
  stage: Stage,
  look: (title: string) => Promise<void>,
): () => Promise<void> {
  return async () => {
    const { widgetId } = await stage.things();
    const title = stage.nextTitle();
    await stage.own(`/core/web-widgets/${widgetId}`, { config: widgetConfig(title) }, "PUT");
    await look(title);
  };
}

function etagOf({ headers }: Reply): string {
  return headers.etag ?? "";
}
