import { spawn, type ChildProcess } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type FrameLocator,
  type Locator,
  type Page,
} from "playwright-core";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import { endsWithUs } from "../support/children.js";
import { CHROMIUM, CHROMIUM_FLAGS, mayUseChromium } from "../support/chromium.js";
import { freePort } from "../support/free-port.js";

/** The embed in a real browser, on other people's pages, against what `npm start` runs. */

const FLAGS = [
  "--headless=new",
  "--remote-debugging-port=0",
  // Playwright waits for every page that is there already, and the first one may never finish loading.
  "--no-startup-window",
  ...CHROMIUM_FLAGS,
  // Made-up sites on this machine; nothing leaves it.
  "--host-resolver-rules=MAP *.example 127.0.0.1",
];
// A page that a test answers itself comes from nowhere, and would not be let near this machine's own addresses.
const FEATURES_OFF = ["LocalNetworkAccessChecks"];
/** Without its partitions a frame from another site has no storage at all, where third-party cookies are blocked. */
const PARTITIONS = "ThirdPartyStoragePartitioning";
const KEY = "ak_browsertests.0123456789abcdef0123456789abcdef";
const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const START_MS = 120_000;
/** For one thing to happen: a browser, a platform and an agent's process may share a busy machine's two cores. */
const PATIENCE_MS = 45_000;
vi.setConfig({ testTimeout: 4 * PATIENCE_MS });

export const describeInBrowser = describe.skipIf(!mayUseChromium);

export interface Fixture {
  readonly platform: Platform;
  readonly site: Site;
  readonly browser: Browser;
}

/** One platform, one site and one browser for a test file. */
export function useBrowser(options: PlatformOptions & BrowserOptions = {}): Fixture {
  const parts: { platform?: Platform; site?: Site; launched?: Launched } = {};
  beforeAll(async () => {
    if (!mayUseChromium) return;
    [parts.platform, parts.site, parts.launched] = await Promise.all([
      Platform.start(options),
      Site.start(),
      launch(options),
    ]);
  }, START_MS);
  afterAll(async () => {
    await parts.launched?.stop();
    parts.site?.close();
    await parts.platform?.stop();
  });
  return {
    get platform() {
      return started(parts.platform);
    },
    get site() {
      return started(parts.site);
    },
    get browser() {
      return started(parts.launched).browser;
    },
  };
}

interface Launched {
  readonly browser: Browser;
  stop(): Promise<void>;
}

/**
 * Chromium as people run it: Playwright's own launch turns off the partitioning of storage, so that a frame from
 * another site has none at all.
 */
async function launch({ isStorageBlocked = false }: BrowserOptions): Promise<Launched> {
  const directory = await mkdtemp(join(tmpdir(), "parley-chromium-"));
  const voice = join(directory, "voice.wav");
  await writeFile(voice, await someVoice());
  const off = [...FEATURES_OFF, ...(isStorageBlocked ? [PARTITIONS] : [])];
  const flags = [
    `--user-data-dir=${directory}`,
    `--use-file-for-fake-audio-capture=${voice}`,
    `--disable-features=${off.join(",")}`,
  ];
  const child = endsWithUs(
    spawn(CHROMIUM, [...FLAGS, ...flags], { stdio: ["ignore", "ignore", "pipe"] }),
  );
  const output = await saidBy(child, "DevTools listening on");
  const address = /ws:\/\/(\S+?)\//.exec(output)?.[1] ?? "";
  const browser = await chromium.connectOverCDP(`http://${address}`);
  const stop = async (): Promise<void> => {
    await browser.close();
    await endOf(child);
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  return { browser, stop };
}

export interface BrowserOptions {
  /** Whether a frame from another site may keep nothing. */
  isStorageBlocked?: boolean;
}

export interface PlatformOptions {
  withoutAgent?: boolean;
  /** More of its environment, asked for before it starts. */
  env?: () => Promise<Record<string, string>>;
}

/** What `npm start` runs, on free ports and an empty directory. */
export class Platform {
  readonly origin: string;
  readonly #directory: string;
  readonly #env: NodeJS.ProcessEnv;
  #process: ChildProcess | undefined;

  private constructor(port: number, directory: string, env: NodeJS.ProcessEnv) {
    this.origin = `http://127.0.0.1:${port}`;
    this.#directory = directory;
    this.#env = env;
  }

  static async start({ withoutAgent = false, env }: PlatformOptions): Promise<Platform> {
    const own = await env?.();
    const [port, livekitPort] = [Number(own?.["PORT"] ?? (await freePort())), await freePort()];
    const directory = await mkdtemp(join(tmpdir(), "parley-embed-"));
    const platform = new Platform(port, directory, {
      PATH: process.env["PATH"],
      HOME: process.env["HOME"],
      PORT: String(port),
      LIVEKIT_PORT: String(livekitPort),
      DATA_DIR: directory,
      BOOTSTRAP_API_KEY: KEY,
      LOG_LEVEL: "error",
      ...(withoutAgent ? { RUN_AGENT: "false" } : {}),
      ...own,
    });
    await platform.begin();
    return platform;
  }

  /** Also after `crash`, with what it stored by then. */
  async begin(): Promise<void> {
    const child = endsWithUs(
      spawn(process.execPath, [MAIN], { env: this.#env, stdio: ["ignore", "pipe", "pipe"] }),
    );
    this.#process = child;
    await saidBy(child, this.#env["RUN_AGENT"] ? "Parley is ready" : "The agent is ready");
  }

  /** Without a word to anybody. */
  async crash(): Promise<void> {
    await endOf(this.#process, "SIGKILL");
  }

  /** A published widget of an agent of its own. */
  async widget(options: WidgetOptions = {}): Promise<string> {
    const agent = await this.api("POST", "/core/agents", { name: "Test agent" });
    const version = await this.api("POST", `/core/agents/${agent["id"]}/versions`, {
      config: options.agent ?? { starting_message: { type: "user_initiates" } },
    });
    await this.api(
      "POST",
      `/core/agents/${agent["id"]}/versions/${version["version"]}/publish`,
      {},
    );
    const widget = await this.api("POST", "/core/web-widgets", {
      agent_id: agent["id"],
      agent_version_id: version["id"],
      domains: options.domains ?? [],
      published: options.published ?? true,
      config: { v1: options.v1 ?? {} },
    });
    const id = String(widget["id"]);
    if (options.strict) await this.api("PUT", `/core/web-widgets/${id}/security`, { strict: true });
    return id;
  }

  async conversations(widgetId: string): Promise<Record<string, unknown>[]> {
    const list: unknown = await this.api("GET", `/core/conversations?web_widget_id=${widgetId}`);
    return list as Record<string, unknown>[];
  }

  async conversation(id: unknown): Promise<Record<string, unknown>> {
    return this.api("GET", `/core/conversations/${String(id)}`);
  }

  /** What the platform has of the visitor's own words, in order. */
  async userTexts(conversationId: unknown): Promise<string[]> {
    const { conversation } = await this.conversation(conversationId);
    const { messages } = conversation as { messages: { role: string; text: string }[] };
    return messages.filter(({ role }) => role === "user").map(({ text }) => text);
  }

  async api(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(this.origin + path, {
      method,
      headers: { Authorization: `Bearer ${KEY}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
    return response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>);
  }

  scriptTag(widgetId: string, attributes = "async"): string {
    return `<script ${attributes} src="${this.origin}/public/embed/${widgetId}"></script>`;
  }

  async stop(): Promise<void> {
    await endOf(this.#process);
    await rm(this.#directory, { recursive: true, force: true });
  }
}

export interface WidgetOptions {
  v1?: object;
  agent?: object;
  domains?: string[];
  published?: boolean;
  strict?: boolean;
}

/** Somebody's website: any path, under any name that ends in `.example`, and under localhost. */
export class Site {
  readonly #pages = new Map<string, { html: string; headers: Record<string, string> }>();
  readonly #server: Server;
  #port = 0;
  #count = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      const page = this.#pages.get(new URL(request.url ?? "/", "http://site").pathname);
      response.writeHead(page ? 200 : 404, { "content-type": "text/html", ...page?.headers });
      response.end(page?.html);
    });
  }

  static async start(): Promise<Site> {
    const site = new Site();
    site.#port = await freePort();
    await new Promise<void>((resolve) => {
      site.#server.listen(site.#port, "127.0.0.1", resolve);
    });
    return site;
  }

  /** Browsers treat localhost as secure, so that a microphone may be asked for. */
  origin(host = "localhost"): string {
    return `http://${host}:${this.#port}`;
  }

  /** @returns the path of a new page. */
  page({ head = "", body = "", headers = {} }: PageParts): string {
    const path = `/page-${++this.#count}`;
    const html = `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><meta name="viewport" content="width=device-width"><title>Shop</title>${head}</head><body><h1>Shop</h1><button id="before">Before</button>${body}</body></html>`;
    this.#pages.set(path, { html, headers });
    return path;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}

export interface PageParts {
  head?: string;
  body?: string;
  headers?: Record<string, string>;
}

/** A visitor with a browser of their own. */
export class Visitor {
  /** What the browser's console said, of the page and its frames. */
  readonly console: string[] = [];
  readonly requests: string[] = [];
  readonly launcher: Locator;
  readonly panel: FrameLocator;
  readonly field: Locator;

  private constructor(
    readonly context: BrowserContext,
    readonly page: Page,
  ) {
    page.on("console", (message) => {
      if (message.type() !== "log") this.console.push(message.text());
    });
    page.on("pageerror", (error) => this.console.push(`uncaught: ${error.message}`));
    page.on("request", (request) => this.requests.push(`${request.method()} ${request.url()}`));
    this.launcher = page.locator("parley-widget .launcher").first();
    this.panel = page.locator("parley-widget").first().frameLocator("iframe");
    this.field = this.panel.locator("textarea");
  }

  static async arrive(
    browser: Browser,
    { microphone = true, ...options }: BrowserContextOptions & { microphone?: boolean } = {},
  ): Promise<Visitor> {
    const context = await browser.newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    if (microphone) await context.grantPermissions(["microphone"]);
    return new Visitor(context, await context.newPage());
  }

  /** Another tab of the same browser. */
  async tab(): Promise<Visitor> {
    return new Visitor(this.context, await this.context.newPage());
  }

  async open(url: string): Promise<void> {
    await this.page.goto(url);
    await this.launcher.waitFor();
    await this.launcher.click();
    await this.isDrawn();
  }

  /** The browser has drawn the panel, so that a press is the panel's. */
  async isDrawn(): Promise<void> {
    await feels(this.panel.locator("h1, .failure").first());
  }

  async say(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
  }

  /** The panel is closed in the same task, so that the answer comes afterwards however busy the machine is. */
  async sayAndClose(text: string): Promise<void> {
    await this.page.evaluate((words) => {
      const { Parley } = window as unknown as { Parley: (...call: unknown[]) => void };
      Parley("send", words);
      Parley("close");
    }, text);
  }

  /** The nth whole answer of the agent. */
  async answer(index = 0): Promise<string> {
    const message = this.panel.locator('.message.agent[data-state="done"]').nth(index);
    await message.waitFor().catch(async (error: Error) => {
      // What was there instead is all that is known of a failure that does not come again.
      const panel = await this.panel.locator("body").innerText();
      throw new Error(`${error.message}\nThe panel: ${panel}\n${this.console.join("\n")}`);
    });
    return (await message.locator(".prose").innerText()).trim();
  }

  async menu(item: string): Promise<void> {
    await this.isDrawn();
    await this.panel.getByLabel("More options").click();
    await this.panel.locator(".menu").getByText(item).click();
  }

  /** Our own lines of the console. */
  get logged(): string[] {
    return this.console.filter((line) => line.startsWith("[Parley]"));
  }

  /** Calls the page's global, as the site's own code would. */
  async call(...args: unknown[]): Promise<void> {
    await this.page.evaluate((values) => {
      (window as unknown as { Parley: (...call: unknown[]) => void }).Parley(...values);
    }, args);
  }

  async leave(): Promise<void> {
    await this.context.close();
  }
}

/** Records every event of `Parley("on", …)` under `window.events`. */
export const EVENT_RECORDER = `<script>
window.events = [];
window.Parley = window.Parley || function () { (Parley.q = Parley.q || []).push(arguments); };
["ready", "open", "close", "conversation_started", "conversation_ended", "message", "unread", "identity_expired", "error"]
  .forEach((name) => Parley("on", name, (detail) => window.events.push([name, detail])));
</script>`;

export async function eventsOf(visitor: Visitor, name: string): Promise<Record<string, unknown>[]> {
  const events = await visitor.page.evaluate(
    () => (window as unknown as { events: [string, Record<string, unknown>][] }).events,
  );
  return events.filter(([event]) => event === name).map(([, detail]) => detail);
}

/**
 * Waits until something in a frame feels a hand over it. Until a frame is drawn, what is pressed there is the page's
 * around it: on a busy machine a press came before, and had no effect.
 */
export async function feels(place: Locator): Promise<void> {
  await eventually(async () => {
    await place.hover();
    expect(await place.evaluate((one) => one.matches(":hover"))).toBe(true);
  });
}

export async function eventually(check: () => Promise<void> | void): Promise<void> {
  await expect.poll(async () => attempt(check), { timeout: PATIENCE_MS, interval: 100 }).toBe("");
}

async function attempt(check: () => Promise<void> | void): Promise<string> {
  try {
    await check();
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A spoken question and a pause, again and again: the browser's own beeps never pause, and what is only like speech is not always heard. */
async function someVoice(): Promise<Buffer> {
  const question = await readFile(new URL("../support/fixtures/question.wav", import.meta.url));
  const [seconds, bytesPerSecond, header] = [3, 16_000 * 2, 44];
  const wav = Buffer.concat([question, Buffer.alloc(seconds * bytesPerSecond)]);
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.writeUInt32LE(wav.length - header, header - 4);
  return wav;
}

async function endOf(
  child: ChildProcess | undefined,
  signal: NodeJS.Signals = "SIGTERM",
): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => {
    child.once("exit", resolve);
  });
  child.kill(signal);
  await ended;
}

async function saidBy(child: ChildProcess, sign: string): Promise<string> {
  let output = "";
  return new Promise<string>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`It never said "${sign}": ${output}`)),
      START_MS,
    );
    const read = (chunk: Buffer): void => {
      output += chunk.toString();
      if (!output.includes(sign)) return;
      clearTimeout(timer);
      resolve(output);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("exit", (code) => reject(new Error(`The platform ended with ${code}: ${output}`)));
  });
}

function started<T>(part: T | undefined): T {
  if (part === undefined) throw new Error("The fixture has not started.");
  return part;
}
