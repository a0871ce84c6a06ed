import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe } from "vitest";
import type { UnreadConfig } from "../../../src/protocol/widget-reading.js";
import { buildGallery } from "../../../src/tooling/build-gallery.js";
import { serveGallery } from "../../../src/tooling/gallery.js";
import { CHROMIUM, CHROMIUM_FLAGS, mayUseChromium } from "../../support/chromium.js";

/** How a state is looked at. */
export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "light" | "dark";
  readonly dir?: "ltr" | "rtl";
  readonly lang?: string;
  /** In place of the state's own keys of `config.v1`. */
  readonly v1?: UnreadConfig;
}

export const describeGallery = describe.skipIf(!mayUseChromium);

/** The gallery on a server of its own, in a browser whose motion is off. */
export class Gallery {
  #page: Page | undefined;
  #errors: string[] = [];
  #origin = "";
  #stop: () => Promise<void> = async () => undefined;

  async start(): Promise<void> {
    const directory = await mkdtemp(join(tmpdir(), "parley-gallery-"));
    await buildGallery(directory);
    const server = await serveGallery(directory, 0);
    // A server on TCP has an address of this form.
    this.#origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [...CHROMIUM_FLAGS, "--font-render-hinting=none", "--force-color-profile=srgb"],
    });
    const page = await browser.newPage({
      reducedMotion: "reduce",
      locale: "en-GB",
      timezoneId: "UTC",
    });
    page.on("pageerror", ({ message }) => this.#errors.push(message));
    page.on("console", (message) => {
      if (message.type() === "error") this.#errors.push(message.text());
    });
    this.#page = page;
    this.#stop = async () => {
      await browser.close();
      server.close();
      await rm(directory, { recursive: true, force: true });
    };
  }

  get page(): Page {
    if (this.#page === undefined) throw new Error("The gallery has not started.");
    return this.#page;
  }

  async stop(): Promise<void> {
    await this.#stop();
  }

  /** The names of all states. */
  async names(): Promise<string[]> {
    await this.page.goto(this.#origin);
    return this.page.locator(".gallery h2").allTextContents();
  }

  /** Waits for a state to come to rest. @returns the errors on its way there. */
  async show(name: string, look: Look = {}): Promise<readonly string[]> {
    const { width = 400, height = 680, theme = "light", dir = "ltr", lang, v1 } = look;
    this.#errors = [];
    await this.page.setViewportSize({ width, height });
    const query = new URLSearchParams({ state: name, theme, dir });
    if (lang !== undefined) query.set("lang", lang);
    if (v1 !== undefined) query.set("v1", JSON.stringify(v1));
    await this.page.goto(`${this.#origin}/?${query}`);
    await this.page.locator("[data-ready]").waitFor({ state: "attached" });
    return this.#errors;
  }
}

export function useGallery(): Gallery {
  const gallery = new Gallery();
  beforeAll(async () => {
    if (mayUseChromium) await gallery.start();
  }, 120_000);
  afterAll(async () => gallery.stop());
  return gallery;
}
