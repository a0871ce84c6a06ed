import { Router } from "express";
import { z } from "zod";
import type { StartConversationPayload } from "../conversations/conversation.payload.js";
import type { DraftPreviewService } from "../conversations/draft-preview.service.js";
import { jsonBody } from "../http/json-body.js";
import { refuseOtherMethods } from "../http/methods.js";
import { contextOf } from "../http/request-context.js";
import { readBody } from "./read-body.js";

const BODY = "24kb";

const start = z.object({
  token: z.string("Must be a text.").max(200, "Is too long."),
  custom_metadata: z.looseObject({}, "Must be an object.").nullish(),
});

/**
 * Where a panel that shows a draft begins its talk (contract section 7). It stands in a frame whose origin is nobody's:
 * no cookie comes with it, and nothing but the token counts. No GraphQL twin: nobody else has use for it.
 */
export function createDraftPreviewRouter(previews: DraftPreviewService): Router {
  const router = Router();
  router.post("/core/public/draft-previews/start", jsonBody(BODY), async (req, res) => {
    const ctx = contextOf(req);
    res.json(answerOf(await previews.start(ctx, () => read(req.body))));
  });
  return refuseOtherMethods(router);
}

/** @throws as `readBody`. */
function read(body: unknown): { token: string; customMetadata: object | undefined } {
  const { token, custom_metadata: metadata } = readBody(start, body);
  return { token, customMetadata: metadata ?? undefined };
}

/** In the words of a widget's start, as far as a panel reads them. */
function answerOf({
  conversation,
  connectionDetails,
  capabilities,
  visitorToken,
}: StartConversationPayload): object {
  const { id, status, agentId, agentVersionId, createdAt } = conversation;
  return {
    conversation: {
      id,
      status,
      agent_id: agentId,
      agent_version_id: agentVersionId,
      web_widget_id: null,
      created_at: createdAt.toISOString(),
    },
    connection_details: connectionDetails,
    capabilities,
    visitor_token: visitorToken,
  };
}
