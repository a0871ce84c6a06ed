import { Arg, Ctx, Mutation, Query, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { ViewerService } from "./viewer.service.js";
import {
  ChangePasswordInput,
  ChangePasswordPayload,
  EndSessionInput,
  EndSessionPayload,
  UpdateViewerInput,
  UpdateViewerPayload,
  Viewer,
} from "./viewer.type.js";

const INPUT = { description: "Its fields, and the ids that it concerns." };

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
    @Arg("input", () => ChangePasswordInput, INPUT) input: ChangePasswordInput,
  ): Promise<ChangePasswordPayload> {
    return { viewer: await this.service.changePassword(ctx, input) };
  }

  @Mutation(() => UpdateViewerPayload, {
    nullable: true,
    description: "Changes what who is signed in to the console says of themselves.",
  })
  async updateViewer(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => UpdateViewerInput, INPUT) input: UpdateViewerInput,
  ): Promise<UpdateViewerPayload> {
    return { viewer: await this.service.update(ctx, input) };
  }

  @Mutation(() => EndSessionPayload, {
    nullable: true,
    description: "Signs who is signed in to the console out in one browser, at once.",
  })
  async endSession(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => EndSessionInput, INPUT) input: EndSessionInput,
  ): Promise<EndSessionPayload> {
    return { endedSessionId: await this.service.endSession(ctx, input.id) };
  }
}
