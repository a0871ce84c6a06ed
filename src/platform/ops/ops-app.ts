import express, { type Express } from "express";
import type { Logger } from "pino";
import { AppError } from "../errors.js";
import { restErrors } from "../http/error-handlers.js";
import { allowOnly } from "../http/methods.js";
import type { Metrics } from "./metrics.js";

/** What is served on `OPS_PORT`, for operators alone. It asks for no credential. */
export function createOpsApp(metrics: Metrics, log: Logger): Express {
  const app = express();
  app.disable("x-powered-by");
  app.get("/metrics", async (_req, res) => {
    const text = await metrics.text();
    res.set("Content-Type", metrics.contentType).send(text);
  });
  app.all("/metrics", allowOnly("GET", "HEAD"));
  app.use((_req, _res, next) => next(new AppError("not_found", "Not found.")));
  app.use(restErrors(log));
  return app;
}
