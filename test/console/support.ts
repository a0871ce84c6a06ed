import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import axe from "axe-core";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, vi } from "vitest";
import { endsWithUs } from "../support/children.js";
import { CHROMIUM, CHROMIUM_FLAGS, mayUseChromium } from "../support/chromium.js";
import { freePort } from "../support/free-port.js";

/** The console in a real browser, against what `npm start` runs. */

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const START_MS = 120_000;
/** For one thing to happen on a busy machine. */
const PATIENCE_MS = 45_000;
vi.setConfig({ testTimeout: 4 * PATIENCE_MS });

export const describeInBrowser = describe.skipIf(!mayUseChromium);

interface Platform {
  readonly origin: string;
  /** The link that the start printed. */
  readonly link: string;
  stop(): Promise<void>;
}

export interface Fixture {
  readonly platform: Platform;
  /** A window of a browser that knows nothing yet. */
  arrive(options?: BrowserContextOptions): Promise<Page>;
  /** What the pages' consoles complained of; a refusal of the policy is among it. */
  readonly complaints: string[];
}

/**
 * One platform, where nobody can sign in yet, and one browser for a test file.
 *
 * @param withAgent who answers visitors
 * @param settingsFor further settings of a platform that will be at an origin
 * @param flags further ones of Chromium
 */
export function useConsole({
  withAgent = false,
  settingsFor = async () => ({}),
  flags = [],
}: {
  readonly withAgent?: boolean;
  readonly settingsFor?: (origin: string) => Promise<Record<string, string>>;
  readonly flags?: readonly string[];
} = {}): Fixture {
  const parts: { platform?: Platform; browser?: Browser } = {};
  const complaints: string[] = [];
  beforeAll(async () => {
    if (!mayUseChromium) return;
    parts.platform = await startPlatform(withAgent, settingsFor);
    parts.browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [...CHROMIUM_FLAGS, ...flags],
    });
  }, START_MS);
  afterAll(async () => {
    await parts.browser?.close();
    await parts.platform?.stop();
  });
  return {
    complaints,
    get platform() {
      if (parts.platform === undefined) throw new Error("The platform has not started.");
      return parts.platform;
    },
    arrive: async (options) => {
      if (parts.browser === undefined) throw new Error("The browser has not started.");
      // What fades is no longer the page, and not yet the next one.
      const still = { locale: "en-GB", reducedMotion: "reduce" } as const;
      const context = await parts.browser.newContext({ ...still, ...options });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      page.on("console", (message) => {
        // A refusal that is expected is logged by the browser itself.
        const isRefusal = message.text().includes("the server responded with a status of 4");
        if (message.type() === "error" && !isRefusal) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
      return page;
    },
  };
}

async function startPlatform(
  withAgent: boolean,
  settingsFor: (origin: string) => Promise<Record<string, string>>,
): Promise<Platform> {
  const [port, livekitPort] = [await freePort(), await freePort()];
  const origin = `http://127.0.0.1:${port}`;
  const settings = await settingsFor(origin);
  const directory = await mkdtemp(join(tmpdir(), "parley-console-"));
  const child = endsWithUs(
    spawn(process.execPath, [MAIN], {
      env: {
        PATH: process.env["PATH"],
        HOME: process.env["HOME"],
        PORT: String(port),
        LIVEKIT_PORT: String(livekitPort),
        DATA_DIR: directory,
        LOG_LEVEL: "error",
        ...settings,
        ...(withAgent ? {} : { RUN_AGENT: "false" }),
      },
      stdio: ["ignore", "pipe", "inherit"],
    }),
  );
  let output = "";
  const link = await new Promise<string>((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
      const [found] = /\S+\/console\/link#\S+(?=\s)/.exec(output) ?? [];
      if (
        found !== undefined &&
        output.includes(withAgent ? "The agent is ready" : "Parley is ready")
      )
        resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`The platform ended with ${code}: ${output}`)));
  });
  return {
    origin,
    link,
    stop: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/**
 * Somebody who joined as a viewer by a link, in a browser of their own, on the console's first page.
 *
 * @param owner a page of the console of who may invite; it shows the people then, and the link
 */
export async function inviteViewer(fixture: Fixture, owner: Page): Promise<Page> {
  await owner.goto(new URL("/console/people", owner.url()).href);
  await owner.getByRole("button", { name: "Invite somebody" }).click();
  await owner.getByLabel("Email address").fill("grace@shop.example");
  await owner.getByLabel("Role", { exact: true }).selectOption("Viewer");
  await owner.getByRole("button", { name: "Make the link" }).click();
  const link = await owner.getByText(/\/console\/link#/).innerText();
  const viewer = await fixture.arrive();
  await viewer.goto(link);
  await viewer.getByLabel("Your name").fill("Grace");
  await viewer.getByLabel("New password").fill("a sentence that only Grace would think of");
  await viewer.getByRole("button", { name: "Join" }).click();
  await viewer.getByRole("link", { name: "Agents" }).waitFor();
  return viewer;
}

/** A window of somebody who is signed in already, on a phone whose language is German. */
export async function arriveOnGermanPhone(
  fixture: Fixture,
  person: Page,
  options?: BrowserContextOptions,
): Promise<Page> {
  const storageState = await person.context().storageState();
  const viewport = { width: 390, height: 844 };
  return fixture.arrive({ storageState, locale: "de-DE", viewport, ...options });
}

/** What axe finds on a page as it is. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  const found = await page.evaluate(async () => {
    // A colour on its way to another is neither.
    const moving = document.getAnimations().filter((one) => one instanceof CSSTransition);
    await Promise.allSettled(moving.map(({ finished }) => finished));
    const { axe: there } = window as unknown as { axe: typeof axe };
    const { violations } = await there.run();
    return violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join(" ")}`,
    );
  });
  expect(found).toEqual([]);
}

/** The same on dark ground and on light. The page follows the system, as it does unless somebody says otherwise. */
export async function expectAccessibleInBoth(page: Page): Promise<void> {
  for (const colorScheme of ["dark", "light"] as const) {
    await page.emulateMedia({ colorScheme });
    await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
    await expectAccessible(page);
  }
}
