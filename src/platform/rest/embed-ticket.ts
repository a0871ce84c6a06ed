import { Router } from "express";
import { notFound } from "../errors.js";
import { isUuid } from "../input/uuid.js";
import { refuseOtherMethods } from "../http/methods.js";
import { contextOf } from "../http/request-context.js";
import type { PublicWidgetService } from "../widgets/public-widget.service.js";

/** The one route without a GraphQL twin: only a browser, which stamps its true `Origin`, has use for it. */
export function createTicketRouter(gate: PublicWidgetService): Router {
  const router = Router();
  router.post("/core/public/web-widgets/:widget_id/embed-ticket", async (req, res) => {
    const id = req.params.widget_id;
    if (!isUuid(id)) throw notFound("Widget");
    const { ticket, expiresAt } = await gate.createTicket(contextOf(req), id.toLowerCase());
    res.json({ ticket, expires_at: expiresAt.toISOString() });
  });
  return refuseOtherMethods(router);
}
