import "reflect-metadata";
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";
import { detachedSchema } from "../../src/tooling/emit-schema.js";
import { typedOperations } from "../../src/tooling/typed-operations.js";
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
const dashboard = await typedOperations(filename, [
  { location: "dashboard.graphql", text: DASHBOARD_OPERATIONS },
]);
await writeFile(filename, dashboard);
