import { afterAll, beforeAll, expect, test } from "vitest";
import { TestApp } from "../../support/app.js";

let app: TestApp;
beforeAll(async () => {
  app = await TestApp.start();
});
afterAll(() => app.stop());

test("GraphiQL comes from this server alone, and its files are not sent to a browser that has them", async () => {
  const page = await app.get("/graphql", undefined, { accept: "text/html" });
  expect(page.status).toBe(200);
  expect(page.headers.get("cache-control")).toBe("no-store");
  const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, path = ""]) => path);
  expect(sources.length).toBeGreaterThan(4);
  for (const source of sources) {
    expect(source).toMatch(/^\/graphql\/assets\//);
    const first = await app.get(source);
    expect(first.status, source).toBe(200);
    expect(first.headers.get("cache-control"), source).toBe("no-cache");
    const etag = first.headers.get("etag") ?? "";
    // Node's own client would send a Cache-Control of its own, which asks for the whole file.
    const again = await app.get(source, undefined, {
      "if-none-match": etag,
      "cache-control": "max-age=0",
    });
    expect(again.status, source).toBe(304);
  }
});
