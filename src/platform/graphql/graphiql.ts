import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { Router } from "express";
import helmet from "helmet";

const pageHtml = (publicPath: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <title>Parley GraphiQL</title>
    <link rel="stylesheet" href="${publicPath}/graphql/assets/graphiql.min.css" />
    <link rel="stylesheet" href="${publicPath}/graphql/assets/page.css" />
  </head>
  <body>
    <div id="graphiql">Loading…</div>
    <script src="${publicPath}/graphql/assets/react.js"></script>
    <script src="${publicPath}/graphql/assets/react-dom.js"></script>
    <script src="${publicPath}/graphql/assets/graphiql.min.js"></script>
    <script src="${publicPath}/graphql/assets/init.js"></script>
  </body>
</html>`;

const FILES: Readonly<Record<string, readonly [packageName: string, path: string]>> = {
  "graphiql.min.css": ["graphiql", "graphiql.min.css"],
  "graphiql.min.js": ["graphiql", "graphiql.min.js"],
  "react.js": ["react", "umd/react.production.min.js"],
  "react-dom.js": ["react-dom", "umd/react-dom.production.min.js"],
};

const init = (
  publicPath: string,
): string => `ReactDOM.createRoot(document.getElementById("graphiql")).render(
  React.createElement(GraphiQL, {
    fetcher: GraphiQL.createFetcher({ url: "${publicPath}/graphql" }),
    defaultHeaders: JSON.stringify({ Authorization: "Bearer ak_..." }, null, 2),
    shouldPersistHeaders: false,
    defaultQuery: "query Widgets {\\n  widgets { nodes { id published domains readiness { live } } }\\n}\\n",
  }),
);`;

/** GraphiQL from node_modules, for development: nothing comes from another host. */
export function graphiql(publicPath: string): Router {
  const router = Router();
  const require = createRequire(import.meta.url);
  const page = helmet({
    // The page is for development; over https the platform's own header stands.
    strictTransportSecurity: false,
    contentSecurityPolicy: {
      directives: {
        // The editor sets styles inline and has no nonce for them.
        styleSrc: ["'self'", "'unsafe-inline'"],
        fontSrc: ["'self'", "data:"],
        workerSrc: ["'self'", "blob:"],
        upgradeInsecureRequests: null,
      },
    },
  });
  router.get("/", page, (req, res, next) => {
    if (req.accepts(["json", "html"]) !== "html" || "query" in req.query) return next();
    res.type("html").send(pageHtml(publicPath));
  });
  // They are large, and change only with a release.
  router.use("/assets", (_req, res, next) => {
    res.setHeader("Cache-Control", "no-cache");
    next();
  });
  for (const [name, [packageName, path]] of Object.entries(FILES)) {
    router.get(`/assets/${name}`, (_req, res) => {
      res.sendFile(join(dirname(require.resolve(`${packageName}/package.json`)), path));
    });
  }
  router.get("/assets/init.js", (_req, res) => void res.type("js").send(init(publicPath)));
  router.get(
    "/assets/page.css",
    (_req, res) => void res.type("css").send("html,body,#graphiql{height:100%;margin:0}"),
  );
  return router;
}
