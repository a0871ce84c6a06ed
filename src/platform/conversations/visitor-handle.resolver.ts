import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { CreateVisitorHandleInput, ExchangeVisitorHandleInput } from "./visitor-handle.input.js";
import {
  CreateVisitorHandlePayload,
  ExchangeVisitorHandlePayload,
} from "./visitor-handle.payload.js";
import { VisitorHandleService } from "./visitor-handle.service.js";

@Resolver()
export class VisitorHandleResolver {
  constructor(private readonly service: VisitorHandleService) {}

  @Mutation(() => CreateVisitorHandlePayload, {
    nullable: true,
    description:
      "Makes a handle for a website's page to keep where the panel can keep nothing. From the panel's own origin, with `X-Visitor-Token` and `X-Embed-Ticket`.",
  })
  createVisitorHandle(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreateVisitorHandleInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: CreateVisitorHandleInput,
  ): Promise<CreateVisitorHandlePayload> {
    return this.service.create(ctx, input);
  }

  @Mutation(() => ExchangeVisitorHandlePayload, {
    nullable: true,
    description:
      "Gives back what belongs to a handle, and the next one. From the panel's own origin, with `X-Embed-Ticket`. One that is used twice ends its visitor's key.",
  })
  exchangeVisitorHandle(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => ExchangeVisitorHandleInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: ExchangeVisitorHandleInput,
  ): Promise<ExchangeVisitorHandlePayload> {
    return this.service.exchange(ctx, input);
  }
}
