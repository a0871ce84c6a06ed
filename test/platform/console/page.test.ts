import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestApp } from "../../support/app.js";

describe.each(["", "/chat"])("the console below the public path “%s”", (prefix) => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ config: { PUBLIC_URL: `https://parley.test${prefix}` } });
  });
  afterAll(() => app.stop());

  test("is one page at every address below it", async () => {
    for (const path of ["/console", "/console/", "/console/keys", "/console/a/b"]) {
      const { status, text, headers } = await app.get(prefix + path);
      expect(status, path).toBe(200);
      expect(text).toContain(`data-base="${prefix}"`);
      expect(headers.get("content-type")).toContain("text/html");
      expect(headers.get("cache-control")).toBe("no-store");
    }
  });

  test("names its files with the path, and they are kept for ever", async () => {
    const { text } = await app.get(`${prefix}/console`);
    const files = [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file = ""]) => file);
    expect(files.length).toBeGreaterThan(1);
    // Pages that come when they are opened are scripts of their own.
    expect(text).toMatch(/src="[^"]+\/assets\/main-\w+\.js"/);
    for (const file of files) {
      expect(file.startsWith(`${prefix}/console/assets/`), file).toBe(true);
      const { status, headers } = await app.get(file);
      expect(status, file).toBe(200);
      expect(headers.get("cache-control")).toContain("immutable");
      expect(headers.get("access-control-allow-origin")).toBeNull();
      expect(headers.get("cross-origin-resource-policy")).toBe("same-origin");
    }
  });
});

describe("the console's page", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  test("runs its own files alone, and is never framed", async () => {
    const { headers, text } = await app.get("/console");
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy.split("; ")).toEqual(
      expect.arrayContaining([
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]),
    );
    expect(policy).not.toContain("unsafe");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
  });

  test("lets in style elements by a nonce that no two answers share", async () => {
    const nonces = await Promise.all(
      [1, 2].map(async () => {
        const { headers, text } = await app.get("/console");
        const [, nonce = ""] = /nonce="([^"]+)"/.exec(text) ?? [];
        expect(headers.get("content-security-policy")).toContain(`'nonce-${nonce}'`);
        return nonce;
      }),
    );
    expect(nonces[0]?.length).toBeGreaterThanOrEqual(22);
    expect(nonces[0]).not.toBe(nonces[1]);
  });

  test("frames its preview alone", async () => {
    const { headers } = await app.get("/console");
    expect(headers.get("content-security-policy")?.split("; ")).toContain("frame-src 'self'");
  });

  test("does not stand where the API and the files do", async () => {
    for (const path of [
      "/console/api/no-such-route",
      "/console/assets/no-such-file.js",
      "/console/preview/assets/no-such-file.js",
    ]) {
      const { status, headers } = await app.get(path);
      expect(status, path).not.toBe(200);
      expect(headers.get("content-type"), path).not.toContain("html");
    }
    expect((await app.get("/consolex")).status).toBe(404);
  });
});

describe("the editor's preview", () => {
  const PREFIX = "/chat";
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start({ config: { PUBLIC_URL: `https://parley.test${PREFIX}` } });
  });
  afterAll(() => app.stop());

  test("has an origin of its own, asks nobody for anything, and is framed by the console alone", async () => {
    const { status, headers, text } = await app.get(`${PREFIX}/console/preview`);
    expect(status).toBe(200);
    const policy = (headers.get("content-security-policy") ?? "").split("; ");
    expect(policy).toEqual(
      expect.arrayContaining([
        "sandbox allow-scripts",
        "default-src 'none'",
        "script-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'self'",
      ]),
    );
    expect(policy.join()).not.toMatch(/unsafe|connect-src|frame-src|allow-same-origin/);
    expect(headers.get("x-frame-options")).toBeNull();
    expect(headers.get("set-cookie")).toBeNull();
    expect(text).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=/);
  });

  test("has files that a page without an origin may take, for ever", async () => {
    const { text } = await app.get(`${PREFIX}/console/preview`);
    const files = [...text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, file = ""]) => file);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      expect(file.startsWith(`${PREFIX}/console/preview/assets/`), file).toBe(true);
      const { status, headers } = await app.get(file);
      expect(status, file).toBe(200);
      expect(headers.get("access-control-allow-origin")).toBe("*");
      expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
      expect(headers.get("cache-control")).toContain("immutable");
    }
  });
});

test("an operator can do without the console", async () => {
  const app = await TestApp.start({ config: { CONSOLE: "off" } });
  expect((await app.get("/console")).status).toBe(404);
  await app.stop();
});
