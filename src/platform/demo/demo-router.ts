import { Router } from "express";
import { refuseOtherMethods } from "../http/methods.js";
import { DEMO_CSS, demoHtml } from "./demo-page.js";

/** The demonstration shop at `/demo`, on `npm start` only. */
export function createDemoRouter(widgetId: string, publicPath: string): Router {
  const router = Router();
  router.get("/demo", (_req, res) => void res.type("html").send(demoHtml(widgetId, publicPath)));
  router.get("/demo/shop.css", (_req, res) => void res.type("css").send(DEMO_CSS));
  return refuseOtherMethods(router);
}
