/** What widgets cost a page before any click, in one browser and one run: `npm run peers`. A tool, and no test. */
import { execFileSync } from "node:child_process";
import { readFile, rm, mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { chromium, type Browser } from "playwright-core";
import { CHROMIUM, CHROMIUM_FLAGS } from "../support/chromium.js";

interface Peer {
  readonly name: string;
  /** Of npm, and the file of it that a page loads. */
  readonly package?: string;
  readonly file: string;
  readonly body: (script: string) => string;
}

const ID = "6f1c2e0a-0f6b-4c0e-9a53-1c7a2a8f4a11";
const DIST = fileURLToPath(new URL("../../dist/widget/", import.meta.url));
const ROUNDS = 15;
/** What a widget makes the page's main thread do; a busy machine adds to the rest of it. */
const MAIN_THREAD = ["ScriptDuration", "LayoutDuration", "RecalcStyleDuration"] as const;

const PEERS: readonly Peer[] = [
  { name: "Parley", file: "", body: () => `<script async src="/public/embed/${ID}"></script>` },
  {
    name: "ElevenLabs convai-widget-embed",
    package: "@elevenlabs/convai-widget-embed",
    file: "dist/index.js",
    body: (script) =>
      `<elevenlabs-convai agent-id="x"></elevenlabs-convai><script async src="${script}"></script>`,
  },
  {
    name: "Typebot js",
    package: "@typebot.io/js",
    file: "dist/web.js",
    body: (script) =>
      `<script type="module">import bot from "${script}"; bot.initBubble({ typebot: "x", apiHost: location.origin });</script>`,
  },
];

const directory = await mkdtemp(join(tmpdir(), "parley-peers-"));
const browser = await chromium.launch({
  executablePath: CHROMIUM,
  args: ["--headless=new", ...CHROMIUM_FLAGS],
});
try {
  process.stdout.write(
    "| widget | gzip KB | requests | main thread at 4x, ms |\n|---|---|---|---|\n",
  );
  for (const peer of PEERS) {
    const { kilobytes, requests, milliseconds } = await measure(browser, peer);
    process.stdout.write(`| ${peer.name} | ${kilobytes} | ${requests} | ${milliseconds} |\n`);
  }
} finally {
  await browser.close();
  await rm(directory, { recursive: true, force: true });
}

/** Of each part the least of some rounds, less what the same page takes without a widget: others on the machine only add. */
async function measure(
  on: Browser,
  peer: Peer,
): Promise<{ kilobytes: string; requests: number; milliseconds: string }> {
  const bytes = await scriptOf(peer);
  const site = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://site");
    const answer = (type: string, body: string | Buffer): void => {
      response.writeHead(200, { "content-type": type, "access-control-allow-origin": "*" });
      response.end(body);
    };
    if (pathname === "/script.js" || pathname === `/public/embed/${ID}`)
      answer("text/javascript", bytes);
    else if (pathname === `/core/public/web-widgets/${ID}`)
      answer("application/json", JSON.stringify({ id: ID, domains: [], config: {} }));
    else if (pathname === "/with" || pathname === "/without")
      answer(
        "text/html",
        `<!doctype html><link rel="icon" href="data:,"><h1>Shop</h1>${pathname === "/with" ? peer.body("/script.js") : ""}`,
      );
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => {
    site.listen(0, "127.0.0.1", resolve);
  });
  const address = site.address();
  const origin = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  const least = { with: new Map<string, number>(), without: new Map<string, number>() };
  let requests = 0;
  for (let round = 0; round < ROUNDS; round++) {
    for (const path of ["without", "with"] as const) {
      const page = await on.newPage();
      const session = await page.context().newCDPSession(page);
      await session.send("Performance.enable");
      await session.send("Emulation.setCPUThrottlingRate", { rate: 4 });
      let seen = -1;
      page.on("request", () => seen++);
      await page.goto(`${origin}/${path}`);
      await page.waitForTimeout(2000);
      const { metrics } = await session.send("Performance.getMetrics");
      for (const { name, value } of metrics)
        least[path].set(name, Math.min(value, least[path].get(name) ?? Infinity));
      if (path === "with") requests = seen;
      await page.close();
    }
  }
  site.close();
  const kilobytes = (gzipSync(bytes, { level: 9 }).byteLength / 1024).toFixed(1);
  const seconds = MAIN_THREAD.reduce(
    (sum, name) => sum + (least.with.get(name) ?? 0) - (least.without.get(name) ?? 0),
    0,
  );
  return { kilobytes, requests, milliseconds: (seconds * 1000).toFixed(1) };
}

async function scriptOf({ package: name, file }: Peer): Promise<Buffer> {
  if (name === undefined) {
    const manifest = JSON.parse(await readFile(join(DIST, "manifest.json"), "utf8")) as {
      loader: { file: string };
    };
    return readFile(join(DIST, manifest.loader.file));
  }
  execFileSync("npm", ["install", "--prefix", directory, "--ignore-scripts", "--silent", name]);
  return readFile(join(directory, "node_modules", name, file));
}
