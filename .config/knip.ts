import type { KnipConfig } from "knip";

/** Finds what nobody uses: files, exports, packages. Programs are its beginnings; see package.json for more. */
const config: KnipConfig = {
  entry: [
    "src/platform/main.ts",
    "src/platform/database/migrate-command.ts",
    "src/platform/admin/main.ts",
    "src/tooling/emit-schema.ts",
    "src/tooling/sizes.ts",
    "src/agent/main.ts",
    "src/agent/host-process.ts",
    "src/widget/loader/main.ts",
    // The loader's second file, by a name that the build gives it.
    "src/widget/loader/frame.ts",
    "src/widget/panel/main.tsx",
    "src/widget/client/{index,react}.ts",
    "src/console/main.tsx",
    "src/widget/gallery/gallery.tsx",
    "src/widget/preview/preview.tsx",
    "src/tooling/dev.ts",
    "src/tooling/release-loader.ts",
    "src/tooling/gallery.ts",
    "src/tooling/migration-command.ts",
    "test/**/*.test.ts",
    ".config/*.{ts,mjs}",
  ],
  project: ["src/**/*.{ts,tsx}", "test/**/*.ts", ".config/*.{ts,mjs}"],
  ignoreDependencies: [
    // Their files are served as they are, found by a path that is put together.
    "graphiql",
    "swagger-ui-dist",
    // The compiler that the build runs by its file: the package `typescript` is there for tools that load it.
    "typescript7",
  ],
  // Programs of the system, which CI installs or a test does without.
  ignoreBinaries: ["mount", "umount", "pgbouncer", "schemathesis"],
};

export default config;
