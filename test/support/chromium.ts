import { existsSync } from "node:fs";

const FOUND = [
  process.env["CHROMIUM_PATH"] ?? "",
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => existsSync(path));

export const CHROMIUM = FOUND ?? "chromium";

/** Where CI has no Chromium the tests fail: there they are required. */
export const mayUseChromium = FOUND !== undefined || process.env["CI"] !== undefined;
if (!mayUseChromium) process.stdout.write("Browser tests skipped: no Chromium was found.\n");

/** A browser that asks nobody on the network for anything, with a made-up microphone. */
export const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-fake-device-for-media-stream",
];
