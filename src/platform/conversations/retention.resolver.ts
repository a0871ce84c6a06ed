import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { MANAGE_CONVERSATIONS } from "../auth/scopes.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";
import { EraseVisitorInput, EraseVisitorPayload } from "./erasure.type.js";
import { RetentionService } from "./retention.service.js";

@Resolver()
export class RetentionResolver {
  constructor(private readonly retention: RetentionService) {}

  @RequiresScopes(MANAGE_CONVERSATIONS)
  @Mutation(() => EraseVisitorPayload, {
    nullable: true,
    description:
      "Removes a visitor's conversations with their metadata for good; answers how many there were.",
  })
  async eraseVisitor(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => EraseVisitorInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: EraseVisitorInput,
  ): Promise<EraseVisitorPayload> {
    return { erasedConversations: await this.retention.eraseVisitor(ctx, input.userId) };
  }
}
