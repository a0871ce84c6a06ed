import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { CreateDraftPreviewInput } from "./draft-preview.input.js";
import { CreateDraftPreviewPayload } from "./draft-preview.payload.js";
import { DraftPreviewService } from "./draft-preview.service.js";

@Resolver()
export class DraftPreviewResolver {
  constructor(private readonly service: DraftPreviewService) {}

  @Mutation(() => CreateDraftPreviewPayload, {
    nullable: true,
    description:
      "Lets the person who is signed in to the console try a version, as it is now, in a talk that is nobody's record. Needs `agents:manage`, and for a widget's look its read scope.",
  })
  createDraftPreview(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreateDraftPreviewInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: CreateDraftPreviewInput,
  ): Promise<CreateDraftPreviewPayload> {
    return this.service.create(ctx, input);
  }
}
