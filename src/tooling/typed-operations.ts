import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";

const SCHEMA_FILE = fileURLToPath(new URL("../../schema.graphql", import.meta.url));

/**
 * TypeScript of GraphQL operations, as clients have them. An operation that the schema does not have is found here.
 *
 * @param filename where it will stand
 * @param sources each operation's text, by where it came from
 */
export async function typedOperations(
  filename: string,
  sources: readonly { readonly location: string; readonly text: string }[],
): Promise<string> {
  return codegen({
    filename,
    schema: parse(await readFile(SCHEMA_FILE, "utf8")),
    documents: sources.map(({ location, text }) => ({ location, document: parse(text) })),
    config: {
      useTypeImports: true,
      enumsAsTypes: true,
      scalars: {
        UUID: "string",
        DateTime: "string",
        JSONObject: "Record<string, unknown>",
        JSON: "unknown",
        AgentVersionRef: "string | number",
      },
    },
    plugins: [{ operations: {} }, { typedDocuments: {} }],
    pluginMap: { operations, typedDocuments },
  });
}
