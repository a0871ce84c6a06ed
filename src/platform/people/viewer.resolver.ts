import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { ViewerService } from "./viewer.service.js";
import { ChangePasswordInput, ChangePasswordPayload, Viewer } from "./viewer.type.js";

@Resolver(() => Viewer)
export class ViewerResolver {
  constructor(private readonly service: ViewerService) {}

  @Query(() => Viewer, {
    nullable: true,
    description: "Who is signed in to the console; null: nobody. Needs no organization.",
  })
  viewer(@Ctx() ctx: RequestContext): Promise<Viewer | null> {
    return this.service.viewer(ctx);
  }

  @Mutation(() => ChangePasswordPayload, {
    nullable: true,
    description:
      "Gives who is signed in to the console another password, and ends all their other sessions.",
  })
  async changePassword(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => ChangePasswordInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: ChangePasswordInput,
  ): Promise<ChangePasswordPayload> {
    return { viewer: await this.service.changePassword(ctx, input) };
  }
}
