import "reflect-metadata";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { lexicographicSortSchema, printSchema, type GraphQLSchema } from "graphql";
import { buildGraphQLSchema } from "./schema.js";

export const SCHEMA_FILE = fileURLToPath(new URL("../../schema.graphql", import.meta.url));

/** The schema without any resolver behind it: to be printed or described, not run. */
export function detachedSchema(): GraphQLSchema {
  return buildGraphQLSchema(new Proxy(new Map<unknown, unknown>(), { get: () => () => ({}) }));
}

/** The schema as text, the same whatever order classes were loaded in. */
export function printedSchema(): string {
  return `${printSchema(lexicographicSortSchema(detachedSchema()))}\n`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes("--check")) {
    await writeFile(SCHEMA_FILE, printedSchema());
  } else if ((await readFile(SCHEMA_FILE, "utf8")) !== printedSchema()) {
    process.stderr.write("schema.graphql is not what the code prints: run `npm run schema`.\n");
    process.exitCode = 1;
  }
}
