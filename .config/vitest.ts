import { defineConfig } from "vitest/config";

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  // Two copies of graphql (CommonJS and ES modules) refuse each other's schemas: force one.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    include: ["test/**/*.test.ts"],
    // These never touch a database of ours: once, on the embedded run, is enough.
    exclude: process.env["TEST_DATABASE"] === "postgres" ? ["test/{brand,embed,livekit}/**"] : [],
    setupFiles: ["test/support/setup.ts"],
    globalSetup: ["test/support/global-setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
