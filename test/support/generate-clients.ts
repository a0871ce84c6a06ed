import "reflect-metadata";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { codegen } from "@graphql-codegen/core";
import * as typedDocuments from "@graphql-codegen/typed-document-node";
import * as operations from "@graphql-codegen/typescript-operations";
import { parse } from "graphql";
import openapiTS, { astToString } from "openapi-typescript";
import { SCHEMA_FILE, detachedSchema } from "../../src/tooling/emit-schema.js";
import { createOpenApi } from "../../src/platform/rest/openapi/document.js";
import { DASHBOARD_OPERATIONS } from "./dashboard-operations.js";

/**
 * What our users' tools make of our documents: types of the REST paths and of the dashboard's
 * operations. The tours run on them, and the type check fails when a tour and a document disagree.
 */
const directory = new URL("generated/", import.meta.url);
await mkdir(directory, { recursive: true });

const openapi = createOpenApi(detachedSchema());
await writeFile(
  new URL("openapi.d.ts", directory),
  astToString(await openapiTS(JSON.parse(JSON.stringify(openapi)) as never)),
);

const filename = fileURLToPath(new URL("dashboard.ts", directory));
const dashboard = await codegen({
  filename,
  schema: parse(await readFile(SCHEMA_FILE, "utf8")),
  documents: [{ location: "dashboard.graphql", document: parse(DASHBOARD_OPERATIONS) }],
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
await writeFile(filename, dashboard);
