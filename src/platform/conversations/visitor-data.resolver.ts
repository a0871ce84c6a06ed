import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { UUIDScalar } from "../graphql/scalars.js";
import { EraseConversationInput, WithdrawConsentInput } from "./conversation.input.js";
import { EraseConversationPayload, WithdrawConsentPayload } from "./conversation.payload.js";
import { ConversationExport } from "./conversation.type.js";
import { PublicConversationService } from "./public-conversation.service.js";
import { VisitorDataService } from "./visitor-data.service.js";

@Resolver()
export class VisitorDataResolver {
  constructor(
    private readonly conversations: PublicConversationService,
    private readonly data: VisitorDataService,
  ) {}

  @Query(() => ConversationExport, {
    nullable: true,
    description:
      "All that is kept of a conversation, for the holder of its visitor token (`X-Visitor-Token`) to take along.",
    complexity: ({ childComplexity }) => 1 + 10 * childComplexity,
  })
  conversationExport(
    @Ctx() ctx: RequestContext,
    @Arg("widgetId", () => UUIDScalar, { description: "The widget." }) widgetId: string,
    @Arg("conversationId", () => UUIDScalar, { description: "The conversation." })
    conversationId: string,
  ): Promise<ConversationExport> {
    return this.conversations.export(ctx, widgetId, conversationId);
  }

  @Mutation(() => WithdrawConsentPayload, {
    nullable: true,
    description:
      "Withdraws the consent of a conversation, which ends; by its visitor token (`X-Visitor-Token`). CONFLICT where there is none.",
  })
  async withdrawConsent(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => WithdrawConsentInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: WithdrawConsentInput,
  ): Promise<WithdrawConsentPayload> {
    await this.data.withdrawConsent(ctx, input);
    return { status: "ok" };
  }

  @Mutation(() => EraseConversationPayload, {
    nullable: true,
    description:
      "Removes a conversation for good, with all that was said in it; by its visitor token (`X-Visitor-Token`).",
  })
  async eraseConversation(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => EraseConversationInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: EraseConversationInput,
  ): Promise<EraseConversationPayload> {
    await this.data.erase(ctx, input);
    return { erasedConversationId: input.conversationId };
  }
}
