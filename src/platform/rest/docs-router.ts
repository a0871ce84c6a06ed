import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Router } from "express";
import type { GraphQLSchema } from "graphql";
import { refuseOtherMethods } from "../http/methods.js";
import { createOpenApi } from "./openapi/document.js";

const page = (publicPath: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Parley REST API</title>
    <link rel="stylesheet" href="${publicPath}/core/docs/assets/swagger-ui.css" />
  </head>
  <body>
    <div id="docs"></div>
    <script src="${publicPath}/core/docs/assets/swagger-ui-bundle.js"></script>
    <script src="${publicPath}/core/docs/assets/init.js"></script>
  </body>
</html>`;

// A validator on another host would be sent the document.
const init = (publicPath: string): string => `SwaggerUIBundle({
  url: "${publicPath}/core/openapi.json",
  dom_id: "#docs",
  deepLinking: true,
  validatorUrl: null,
  persistAuthorization: false,
});`;

/** The OpenAPI document and its viewer, both from this server alone. */
export function createDocsRouter(schema: GraphQLSchema, publicPath: string): Router {
  const router = Router();
  const document = JSON.stringify(createOpenApi(schema, publicPath));
  const files = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  router.get("/core/openapi.json", (_req, res) => {
    res.setHeader("Access-Control-Allow-Origin", "*");
    res.setHeader("Cache-Control", "no-cache");
    res.type("json").send(document);
  });
  router.get("/core/docs", (_req, res) => void res.type("html").send(page(publicPath)));
  for (const name of ["swagger-ui.css", "swagger-ui-bundle.js"]) {
    router.get(`/core/docs/assets/${name}`, (_req, res) => res.sendFile(join(files, name)));
  }
  router.get(
    "/core/docs/assets/init.js",
    (_req, res) => void res.type("js").send(init(publicPath)),
  );
  return refuseOtherMethods(router);
}
