import { Arg, Args, Ctx, FieldResolver, Mutation, Query, Resolver, Root } from "type-graphql";
import { AgentSummary, AgentVersion } from "../agents/agent.type.js";
import {
  LISTEN_IN,
  MANAGE_CONVERSATIONS,
  READ_AGENTS,
  READ_CONVERSATIONS,
  READ_SENSITIVE,
} from "../auth/scopes.js";
import type { RequestContext } from "../auth/context.js";
import { listComplexity, toConnection, type ConnectionOf } from "../graphql/relay-connection.js";
import { UUIDScalar } from "../graphql/scalars.js";
import { ConversationService } from "./conversation.service.js";
import { LiveTalkService } from "./live-talk.service.js";
import { PublicConversationService } from "./public-conversation.service.js";
import { StartConversationService } from "./start-conversation.service.js";
import { VisitorService } from "./visitor.service.js";
import {
  ConversationsArgs,
  CreateListenerTokenInput,
  EndConversationInput,
  LogoutVisitorInput,
  PublicConversationsArgs,
  StartConversationInput,
  SubmitFeedbackInput,
} from "./conversation.input.js";
import {
  CreateListenerTokenPayload,
  EndConversationPayload,
  LogoutVisitorPayload,
  StartConversationPayload,
  SubmitFeedbackPayload,
} from "./conversation.payload.js";
import {
  Conversation,
  ConversationConnection,
  ConversationTranscript,
  PublicConversation,
  PublicConversationConnection,
  VisitorMessages,
} from "./conversation.type.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";

@Resolver(() => Conversation)
export class ConversationResolver {
  constructor(
    private readonly service: ConversationService,
    private readonly live: LiveTalkService,
  ) {}

  @RequiresScopes(READ_CONVERSATIONS)
  @Query(() => Conversation, { nullable: true, description: "One conversation." })
  conversation(
    @Ctx() ctx: RequestContext,
    @Arg("id", () => UUIDScalar, { description: "Its id." }) id: string,
  ): Promise<Conversation> {
    return this.service.get(ctx, id);
  }

  @RequiresScopes(READ_CONVERSATIONS)
  @Query(() => ConversationConnection, {
    nullable: true,
    description: "Conversations, newest first.",
    complexity: listComplexity,
  })
  async conversations(
    @Ctx() ctx: RequestContext,
    @Args(() => ConversationsArgs) args: ConversationsArgs,
  ): Promise<ConnectionOf<Conversation>> {
    return toConnection(await this.service.list(ctx, args));
  }

  @RequiresScopes(MANAGE_CONVERSATIONS)
  @Mutation(() => EndConversationPayload, {
    nullable: true,
    description:
      "Ends a conversation and its room. One that is over stays as it is, and is answered the same.",
  })
  async endConversation(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => EndConversationInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: EndConversationInput,
  ): Promise<EndConversationPayload> {
    return { conversation: await this.live.end(ctx, input) };
  }

  @RequiresScopes(LISTEN_IN)
  @Mutation(() => CreateListenerTokenPayload, {
    nullable: true,
    description:
      "Makes a token to listen to a conversation, unseen. CONFLICT unless its visitor is in its room.",
  })
  async createListenerToken(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreateListenerTokenInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: CreateListenerTokenInput,
  ): Promise<CreateListenerTokenPayload> {
    return { listenerToken: await this.live.listenerToken(ctx, input) };
  }

  @FieldResolver(() => AgentSummary, { nullable: true, description: "The agent that answers." })
  agent(
    @Root() conversation: Conversation,
    @Ctx() ctx: RequestContext,
  ): Promise<AgentSummary | undefined> {
    return this.service.agentOf(ctx, conversation);
  }

  @RequiresScopes(READ_AGENTS)
  @FieldResolver(() => AgentVersion, {
    nullable: true,
    description: "The version that answers; a resume keeps it.",
  })
  agentVersion(
    @Root() conversation: Conversation,
    @Ctx() ctx: RequestContext,
  ): Promise<AgentVersion | undefined> {
    return this.service.versionOf(ctx, conversation);
  }

  @RequiresScopes(READ_SENSITIVE)
  @FieldResolver(() => ConversationTranscript, {
    name: "conversation",
    nullable: true,
    description: "Sensitive: everything that was said.",
    complexity: ({ childComplexity }) => 1 + 10 * childComplexity,
  })
  async transcript(
    @Root() conversation: Conversation,
    @Ctx() ctx: RequestContext,
  ): Promise<ConversationTranscript> {
    return { messages: await this.service.transcript(ctx, conversation) };
  }
}

@Resolver(() => PublicConversation)
export class PublicConversationResolver {
  constructor(
    private readonly service: PublicConversationService,
    private readonly starts: StartConversationService,
    private readonly visitors: VisitorService,
  ) {}

  @Query(() => PublicConversationConnection, {
    nullable: true,
    description: "A widget's conversations, without credentials: safe columns only.",
    complexity: listComplexity,
  })
  async publicConversations(
    @Ctx() ctx: RequestContext,
    @Arg("widgetId", () => UUIDScalar, { description: "The widget." }) widgetId: string,
    @Args(() => PublicConversationsArgs) args: PublicConversationsArgs,
  ): Promise<ConnectionOf<PublicConversation>> {
    return toConnection(await this.service.list(ctx, widgetId, args));
  }

  @Query(() => VisitorMessages, {
    nullable: true,
    description:
      "What was said in a conversation, for the holder of its visitor token (`X-Visitor-Token`).",
    complexity: ({ childComplexity }) => 1 + 10 * childComplexity,
  })
  conversationMessages(
    @Ctx() ctx: RequestContext,
    @Arg("widgetId", () => UUIDScalar, { description: "The widget." }) widgetId: string,
    @Arg("conversationId", () => UUIDScalar, { description: "The conversation." })
    conversationId: string,
  ): Promise<VisitorMessages> {
    return this.service.messages(ctx, widgetId, conversationId);
  }

  @Mutation(() => StartConversationPayload, {
    nullable: true,
    description: "Starts a conversation, or resumes one in a fresh room. Without credentials.",
  })
  startConversation(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => StartConversationInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: StartConversationInput,
  ): Promise<StartConversationPayload> {
    return this.starts.start(ctx, input);
  }

  @Mutation(() => LogoutVisitorPayload, {
    nullable: true,
    description:
      "Ends the key of the visitor token (`X-Visitor-Token`) everywhere: no token of it opens anything any more, and its rooms close.",
  })
  async logoutVisitor(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => LogoutVisitorInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: LogoutVisitorInput,
  ): Promise<LogoutVisitorPayload> {
    await this.visitors.logout(ctx, input.widgetId);
    return { status: "ok" };
  }

  @Mutation(() => SubmitFeedbackPayload, {
    nullable: true,
    description: "Gives feedback on a conversation, once.",
  })
  async submitFeedback(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => SubmitFeedbackInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: SubmitFeedbackInput,
  ): Promise<SubmitFeedbackPayload> {
    await this.service.submitFeedback(ctx, input);
    return { status: "ok" };
  }

  @FieldResolver(() => AgentSummary, { nullable: true, description: "The agent that answers." })
  agent(
    @Root() conversation: PublicConversation,
    @Ctx() ctx: RequestContext,
  ): Promise<AgentSummary | undefined> {
    return this.service.agentOf(ctx, conversation);
  }
}
