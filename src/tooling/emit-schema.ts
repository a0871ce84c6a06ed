import "reflect-metadata";
import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import {
  isObjectType,
  Kind,
  lexicographicSortSchema,
  parse,
  printSchema,
  type GraphQLSchema,
} from "graphql";
import { REQUIRES_SCOPES, scopesOf } from "../platform/graphql/requires-scopes.js";
import { buildGraphQLSchema } from "../platform/schema.js";

export const SCHEMA_FILE = fileURLToPath(new URL("../../schema.graphql", import.meta.url));

/** The schema without any resolver behind it: to be printed or described, not run. */
export function detachedSchema(): GraphQLSchema {
  return buildGraphQLSchema(new Proxy(new Map<unknown, unknown>(), { get: () => () => ({}) }));
}

/** The schema as text, the same whatever order classes were loaded in. */
export function printedSchema(): string {
  const schema = lexicographicSortSchema(detachedSchema());
  const text = printSchema(schema);
  // GraphQL prints no directives that stand at fields, so they are put in behind each field's type.
  const pieces: string[] = [];
  let end = 0;
  for (const node of parse(text).definitions) {
    if (node.kind !== Kind.OBJECT_TYPE_DEFINITION) continue;
    for (const { name, loc } of node.fields ?? []) {
      const type = schema.getType(node.name.value);
      const scopes = isObjectType(type) && scopesOf(type.getFields()[name.value]);
      if (!scopes || !loc) continue;
      pieces.push(text.slice(end, loc.end), directive(scopes));
      end = loc.end;
    }
  }
  return `${pieces.join("")}${text.slice(end)}\n`;
}

/** One of the scopes is enough, so each is a list of its own. */
function directive(scopes: readonly string[]): string {
  const lists = scopes.map((scope) => `[${JSON.stringify(scope)}]`);
  return ` @${REQUIRES_SCOPES.name}(scopes: [${lists.join(", ")}])`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!process.argv.includes("--check")) {
    await writeFile(SCHEMA_FILE, printedSchema());
  } else if ((await readFile(SCHEMA_FILE, "utf8")) !== printedSchema()) {
    process.stderr.write("schema.graphql is not what the code prints: run `npm run schema`.\n");
    process.exitCode = 1;
  }
}
