import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { CreateHandleInput, ExchangeHandleInput } from "./visitor-handle.input.js";
import { CreateHandlePayload, ExchangeHandlePayload } from "./visitor-handle.payload.js";
import { VisitorHandleService } from "./visitor-handle.service.js";

@Resolver()
export class VisitorHandleResolver {
  constructor(private readonly service: VisitorHandleService) {}

  @Mutation(() => CreateHandlePayload, {
    nullable: true,
    description:
      "Makes a handle for a website's page to keep where the panel can keep nothing. From the panel's own origin, with `X-Visitor-Token` and `X-Embed-Ticket`.",
  })
  createHandle(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreateHandleInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: CreateHandleInput,
  ): Promise<CreateHandlePayload> {
    return this.service.create(ctx, input);
  }

  @Mutation(() => ExchangeHandlePayload, {
    nullable: true,
    description:
      "Gives back what belongs to a handle, and the next one. From the panel's own origin, with `X-Embed-Ticket`. One that is used twice ends its visitor's key.",
  })
  exchangeHandle(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => ExchangeHandleInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: ExchangeHandleInput,
  ): Promise<ExchangeHandlePayload> {
    return this.service.exchange(ctx, input);
  }
}
