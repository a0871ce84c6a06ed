import { expressMiddleware } from "@as-integrations/express5";
import express, { type RequestHandler } from "express";
import { CONSOLE_API } from "../protocol/console-api.js";
import { AppError } from "./errors.js";
import { graphiql } from "./graphql/graphiql.js";
import { warnOfProxy, withoutPublicPath } from "./http/behind-proxy.js";
import { publicCors } from "./http/cors.js";
import { entityTag } from "./http/entity-tag.js";
import { STREAM_PATH } from "./http/event-streams.js";
import { graphqlErrors, restErrors } from "./http/error-handlers.js";
import { withHotRoutes, type ExpressApp } from "./http/hot-routes.js";
import { hotCalls } from "./http/hot-calls.js";
import { hotGraphql } from "./http/hot-graphql.js";
import { jsonBody } from "./http/json-body.js";
import { ownHosts } from "./http/own-hosts.js";
import { allowOnly } from "./http/methods.js";
import { contextMaker, contextOf, requestContext } from "./http/request-context.js";
import { requestLog } from "./http/request-log.js";
import { shedding, type LoadLimits } from "./http/shedding.js";
import { securityHeaderList, securityHeaders } from "./http/security-headers.js";
import { requireShortDocument } from "./graphql/document-shape.js";
import { ADMIN_BODY, createRestRouter, PUBLIC_BODY_KB } from "./rest/router.js";
import { hotWidget } from "./rest/hot-widget.js";
import { ownerReads } from "./rest/owner-reads.js";
import { publicWrites } from "./rest/public-writes.js";
import { createDocsRouter } from "./rest/docs-router.js";
import { createTicketRouter } from "./rest/embed-ticket.js";
import { traceRequests } from "./ops/trace-requests.js";
import { watched } from "./ops/watched.js";
import { createConsoleRouter } from "./console/console-router.js";
import { createOidcCallback } from "./console/oidc-callback.js";
import { createDemoRouter } from "./demo/demo-router.js";
import { createDraftPreviewRouter } from "./console/draft-preview-router.js";
import { createConsolePages } from "./console/page-router.js";
import { createEmbedRouter } from "./embed/embed-router.js";
import { hotLoader, readyLoader } from "./embed/ready-files.js";
import { createWorkerRouter, hotTurns } from "./dispatch/worker-router.js";
import type { Parley } from "./compose.js";

const WEBHOOK_BODY = "256kb";

/** The HTTP application. It never listens; `main.ts` does. */
export function createApp(
  parley: Parley,
  options: {
    demoWidgetId?: string | undefined;
    isStopping?: () => boolean;
    load?: LoadLimits;
  } = {},
): ExpressApp {
  const { config, log, metrics, tracing } = parley;
  const loader = parley.embed && readyLoader(parley.embed);
  const load = shedding(parley, options.load, () => metrics?.requestShed());
  const security = securityHeaderList(config.publicUrl);
  const hosts = ownHosts(config, [...security, "Cache-Control", "no-store"]);
  const makeContext = contextMaker(parley);
  const errors = restErrors(log);
  const app = express();
  app.disable("x-powered-by");
  app.set("etag", entityTag);
  app.set("query parser", "simple");
  app.set("trust proxy", config.trustProxy);

  app.use(withoutPublicPath(parley.publicPath));
  app.get("/healthz", (_req, res) => void res.json({ status: "ok" }));
  app.get("/readyz", readiness(parley, options.isStopping ?? (() => false)));
  app.all(["/healthz", "/readyz"], allowOnly("GET", "HEAD"));

  app.use(load.handler);
  app.use(requestLog(log));
  app.use(warnOfProxy(log, config.trustProxy));
  app.use(requestContext(makeContext));
  if (hosts) app.use(hosts.handler);
  if (parley.embed) app.use(createEmbedRouter({ ...parley, embed: parley.embed }));
  app.use(securityHeaders(security));
  if (parley.console) {
    app.use(createConsolePages({ ...parley, files: parley.console }));
  }
  if (options.demoWidgetId) app.use(createDemoRouter(options.demoWidgetId, parley.publicPath));

  app.post(
    "/livekit/webhook",
    express.raw({ limit: WEBHOOK_BODY, type: () => true }),
    livekitWebhook(parley),
  );
  app.all("/livekit/webhook", allowOnly("POST"));
  app.use(["/graphql", "/core", CONSOLE_API], noStore);
  app.post(STREAM_PATH, graphqlBody, withBody, parley.streams.handler(load.release));
  app.all(STREAM_PATH, allowOnly("POST"));
  if (!config.isProduction) app.use("/graphql", graphiql(parley.publicPath));
  app.use(
    "/graphql",
    allowOnly("GET", "POST"),
    graphqlBody,
    withBody,
    expressMiddleware(parley.apollo, {
      context: async ({ req }) => {
        requireShortDocument(req.method === "GET" ? req.query["query"] : req.body.query);
        return contextOf(req);
      },
    }),
  );
  app.use("/graphql", graphqlErrors(log));
  app.use(createOidcCallback(parley));
  app.use(createConsoleRouter(parley));
  app.use("/core/public", publicCors);
  app.use(createDocsRouter(parley.schema, parley.publicPath));
  app.use(createTicketRouter(parley.gate));
  app.use(createDraftPreviewRouter(parley.previews));
  app.use(
    createWorkerRouter({
      auth: parley.workerAuth,
      presence: parley.presence,
      jobs: parley.jobs,
      tracing,
      onChange: (change) => {
        const { recalls } = parley;
        const calling = change === "worker_came" ? recalls.workerIsBack() : recalls.roomIsBack();
        calling.catch((error: unknown) =>
          log.error({ err: error }, "waiting rooms were not found"),
        );
      },
      onAgentDied: (agent) => {
        parley.recalls
          .agentDied(agent)
          .catch((error: unknown) => log.error({ err: error }, "no agent could be called"));
      },
    }),
  );
  app.use(createRestRouter(parley.schema, parley));

  app.use((_req, _res, next) => next(new AppError("not_found", "Not found.")));
  app.use(errors);
  const shared = [...security, "Cache-Control", "no-store"];
  const direct = withHotRoutes(app, {
    routes: [
      hotWidget({ ...parley, securityHeaders: security }),
      ...(loader ? [hotLoader(loader)] : []),
    ],
    serveCall: hotCalls({
      calls: [
        hotGraphql(parley, { mostBytes: PUBLIC_BODY_KB * 1024, shared }),
        ...publicWrites(parley.schema, { shared, log }),
        hotTurns(parley.jobs, shared),
        ...ownerReads(parley.schema, { shared, log }),
      ],
      publicPath: parley.publicPath,
      makeContext,
      shedding: load.handler,
      errors,
      log,
    }),
    publicPath: parley.publicPath,
    isLate: load.isLate,
    log,
  });
  const served = hosts ? hosts.inFront(direct, app) : direct;
  const watchers = [
    ...(metrics ? [metrics.requestWatcher] : []),
    ...(tracing ? [traceRequests(tracing)] : []),
  ];
  if (watchers.length === 0) return served;
  return watched(served, { publicPath: parley.publicPath, watchers });
}

/** Answers of the API are for the one who asked; the public widget may be kept if it is checked again. */
const noStore: RequestHandler = (req, res, next) => {
  const revalidated =
    /^(GET|HEAD)$/.test(req.method) && /^\/public\/web-widgets\/[^/]+$/.test(req.path);
  res.setHeader("Cache-Control", revalidated ? "no-cache" : "no-store");
  next();
};

const smallBody = jsonBody(`${PUBLIC_BODY_KB}kb`);
const largeBody = jsonBody(ADMIN_BODY);

/** As at the other door: who sends much is asked for a credential before it is read. */
const graphqlBody: RequestHandler = async (req, res, next) => {
  const { "content-length": length = "0", "transfer-encoding": chunks } = req.headers;
  const isSmall = chunks === undefined && Number(length) <= PUBLIC_BODY_KB * 1024;
  const ctx = contextOf(req);
  if (isSmall || !ctx.hasCredential) return smallBody(req, res, next);
  await ctx.actor();
  largeBody(req, res, next);
};

/** Apollo answers a request without a body itself, but only if there is an object. */
const withBody: RequestHandler = (req, _res, next) => {
  req.body ??= {};
  next();
};

function readiness(parley: Parley, isStopping: () => boolean): RequestHandler {
  return async (_req, res) => {
    // First of all: a load balancer sends the others elsewhere while we still answer them.
    if (isStopping()) {
      res.status(503).setHeader("Retry-After", "5").json({ status: "stopping" });
      return;
    }
    try {
      await parley.database.probe();
      res.json({ status: "ok" });
    } catch (error) {
      parley.log.warn({ err: error }, "the database does not answer");
      res.status(503).setHeader("Retry-After", "5").json({ status: "unavailable" });
    }
  };
}

function livekitWebhook({ webhooks, lifecycle, recalls, log }: Parley): RequestHandler {
  return async (req, res) => {
    const body = Buffer.isBuffer(req.body) ? req.body.toString("utf8") : "";
    const event = await webhooks.verify(body, req.get("authorization"));
    if (event) await lifecycle.handle(event);
    if (event?.isAgent && event.kind === "participant_left") {
      recalls
        .agentLeft(event.room, event.identity)
        .catch((error: unknown) => log.error({ err: error }, "no agent could be called"));
    }
    res.json({ status: "ok" });
  };
}
