import { defineConfig } from "vitest/config";

/** The two databases that the platform's tests run on; the other projects touch none, or bring their own. */
const onPostgres = process.env["TEST_DATABASE"] === "postgres";

/** A test's file name says what it needs: the shorter the name, the more usual the need. */
const PROJECTS: Record<string, Project> = {
  /** Nothing but the code: no database, no server of ours, no browser. */
  unit: { include: ["test/**/*.unit.test.ts"] },
  /** The platform in this process, on a database of the file's own. */
  platform: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/**/*.{unit,process,browser}.test.ts"],
    globalSetup: ["test/support/global-setup.ts"],
  },
  /** Programs as processes of their own: starts, kills, the agent worker, LiveKit's clients. */
  process: {
    include: ["test/**/*.process.test.ts"],
    // LiveKit's tests touch no database, and the agent's bring their own: on the embedded run, once, is enough.
    exclude: onPostgres ? ["test/livekit/**", "test/agent/**"] : [],
    globalSetup: ["test/support/global-setup.ts"],
  },
  /** The widget in Chromium. */
  browser: { include: ["test/**/*.browser.test.ts"] },
};

export default defineConfig({
  root: new URL("..", import.meta.url).pathname,
  // Two copies of graphql (CommonJS and ES modules) refuse each other's schemas: force one.
  resolve: { alias: [{ find: /^graphql$/, replacement: "graphql/index.js" }] },
  test: {
    setupFiles: ["test/support/setup.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // A second, as it would be, is over before a busy machine has come to it.
    expect: { poll: { timeout: 20_000 } },
    pool: "forks",
    maxWorkers: 2,
    projects: Object.entries(PROJECTS)
      .filter(([name]) => !onPostgres || name === "platform" || name === "process")
      .map(([name, project]) => ({ extends: true, test: { name, ...project } })),
  },
});

interface Project {
  include: string[];
  exclude?: string[];
  globalSetup?: string[];
}
