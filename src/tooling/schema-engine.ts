import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { DatabaseHandle } from "../platform/database/client.js";
import { readSchema } from "../platform/database/migration-files.js";

// Prisma's own schema engine, in its WebAssembly build: no binary is downloaded. Only development needs
// it, to compare Prisma's schema with what the migrations make.

/**
 * @param schema Prisma's datamodel, unless it is the repository's.
 * @returns the SQL that would bring the database to the schema; empty when they agree.
 */
export async function schemaDrift(handle: DatabaseHandle, schema?: string): Promise<string> {
  const files = [{ path: "schema.prisma", content: schema ?? (await readSchema()) }];
  const filters = { externalTables: [], externalEnums: [] };
  const result = await withEngine(handle, (engine) =>
    engine.diff({
      script: true,
      exitCode: true,
      filters,
      shadowDatabaseUrl: null,
      from: { tag: "schemaDatasource", files, configDir: "." },
      to: { tag: "schemaDatamodel", files },
    }),
  );
  return result.exitCode === 0 ? "" : (result.stdout ?? "The schema and the migrations differ.");
}

/** @returns the SQL that makes the schema from nothing: how a first migration is written. */
export async function schemaScript(handle: DatabaseHandle): Promise<string> {
  const files = [{ path: "schema.prisma", content: await readSchema() }];
  const result = await withEngine(handle, (engine) =>
    engine.diff({
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
      shadowDatabaseUrl: null,
      from: { tag: "empty" },
      to: { tag: "schemaDatamodel", files },
    }),
  );
  return result.stdout ?? "";
}

/** The part of the engine's surface that we use; its own types come without the result's fields. */
interface Engine {
  diff(input: object): Promise<{ exitCode: number; stdout: string | null }>;
}

async function withEngine<T>(
  handle: DatabaseHandle,
  work: (engine: Engine) => Promise<T>,
): Promise<T> {
  const adapter = handle.migrationAdapter();
  try {
    const bindings = await loadEngine();
    const engine = await bindings.SchemaEngine.new(
      { datamodels: [["schema.prisma", await readSchema()]] },
      () => {},
      bindMigrationAwareSqlAdapterFactory(adapter.factory),
    );
    // The package types its inputs only; see Engine.
    return await work(engine as unknown as Engine);
  } finally {
    await adapter.release();
  }
}

/** Part of every JavaScript engine, but typed only for browsers. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: Record<string, object>,
  ): Promise<{ instance: { exports: Record<string, unknown> } }>;
};

let engineBindings:
  | Promise<typeof import("@prisma/schema-engine-wasm/schema_engine_bg")>
  | undefined;

/** The package's main file imports the WebAssembly as a module, which Node 20 cannot: bind it by hand. */
function loadEngine(): NonNullable<typeof engineBindings> {
  engineBindings ??= (async () => {
    const bindings = await import("@prisma/schema-engine-wasm/schema_engine_bg");
    const main = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm");
    const wasm = await readFile(join(main, "..", "schema_engine_bg.wasm"));
    const loaded = await WebAssembly.instantiate(wasm, { "./schema_engine_bg.js": bindings });
    const start = loaded.instance.exports["__wbindgen_start"];
    bindings.__wbg_set_wasm(loaded.instance.exports);
    if (typeof start === "function") start();
    return bindings;
  })();
  return engineBindings;
}
