import type { AgentConfig } from "../../protocol/agent-config.js";
import type { LiveKitAccess } from "../../process/environment.js";
import type { Tracing } from "../../process/tracing.js";
import type { AgentAvailability } from "../agents/agent-availability.js";
import type { RequestContext } from "../auth/context.js";
import type { VisitorClaims, VisitorTokens } from "../auth/visitor-token.js";
import type { StartedRow } from "../database/hot-statements.js";
import { createRoomToken } from "../livekit/room-token.js";
import type { WidgetRow } from "../widgets/widget.service.js";
import type { StartConversationPayload } from "./conversation.payload.js";
import type { JoinableRoom } from "./fresh-room.js";

export interface StartAnswerDependencies {
  readonly visitorTokens: VisitorTokens;
  readonly agents: AgentAvailability;
  readonly livekit: LiveKitAccess;
  readonly agentName: string;
  readonly hasVoice: boolean;
  readonly tracing: Tracing | undefined;
}

/** A conversation with the room that waits for its visitor, and what their next token says. */
export interface Opened {
  /** Whose visitor tokens it has; a test's open nothing. */
  readonly widget: Pick<WidgetRow, "id" | "tokenGeneration">;
  /** Of the version that answers. */
  readonly vision: AgentConfig["vision"];
  readonly row: StartedRow;
  readonly room: JoinableRoom;
  /** The room that a resume has replaced. */
  readonly oldRoom?: string;
  readonly token: Pick<VisitorClaims, "key" | "proof"> & { readonly since: number | undefined };
}

/** How to join, and the visitor's next token. */
export async function answerStart(
  { tracing, livekit, agentName, visitorTokens, hasVoice, agents }: StartAnswerDependencies,
  ctx: RequestContext,
  { widget, vision, row, room, token }: Opened,
): Promise<StartConversationPayload> {
  // LiveKit calls the agent once the visitor has joined, who may take their time.
  const span = tracing?.begin("dispatch", "producer", ctx.traceparent);
  const capabilities = {
    videoInput: vision?.video_input === true,
    screenShare: vision?.screen_share === true,
  };
  const roomToken = createRoomToken(livekit, {
    room: room.name,
    identity: room.visitorIdentity,
    agentName,
    agentMetadata: {
      conversation_id: row.id,
      widget_id: row.webWidgetId ?? "",
      agent_version_id: row.agentVersionId,
      ...(span ? { traceparent: span.traceparent } : {}),
    },
    capabilities,
  });
  span?.end();
  const visitorToken = visitorTokens.issue({
    widgetId: widget.id,
    userId: row.userId,
    generation: widget.tokenGeneration,
    ...token,
  });
  return {
    conversation: row,
    connectionDetails: { url: livekit.url, token: roomToken, room: room.name },
    capabilities: {
      supportsVideoInput: capabilities.videoInput,
      supportsScreenShare: capabilities.screenShare,
      supportsVoice: hasVoice,
      agentAvailable: await agents.available(),
    },
    visitorToken,
  };
}
