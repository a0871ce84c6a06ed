import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { SecondFactorService } from "./second-factor.service.js";
import {
  ConfirmTotpInput,
  ConfirmTotpPayload,
  RemoveTotpInput,
  RemoveTotpPayload,
  StartTotpInput,
  StartTotpPayload,
} from "./second-factor.type.js";
import { ViewerService } from "./viewer.service.js";

const INPUT = { description: "Its fields, and the ids that it concerns." };

@Resolver()
export class SecondFactorResolver {
  constructor(
    private readonly service: SecondFactorService,
    private readonly viewers: ViewerService,
  ) {}

  @Mutation(() => StartTotpPayload, {
    nullable: true,
    description:
      "Makes a secret for an authenticator app of who is signed in to the console. It is in use once `confirmTotp` was given a code of it.",
  })
  startTotp(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => StartTotpInput, INPUT) input: StartTotpInput,
  ): Promise<StartTotpPayload> {
    return this.service.start(ctx, input.code);
  }

  @Mutation(() => ConfirmTotpPayload, {
    nullable: true,
    description:
      "Asks who is signed in to the console for a code at each sign-in from now on, and ends all their other sessions.",
  })
  async confirmTotp(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => ConfirmTotpInput, INPUT) input: ConfirmTotpInput,
  ): Promise<ConfirmTotpPayload> {
    const recoveryCodes = await this.service.confirm(ctx, input.code);
    return { recoveryCodes, viewer: await this.viewers.present(ctx) };
  }

  @Mutation(() => RemoveTotpPayload, {
    nullable: true,
    description:
      "Asks who is signed in to the console for no code any more; recovery codes end with it.",
  })
  async removeTotp(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => RemoveTotpInput, INPUT) input: RemoveTotpInput,
  ): Promise<RemoveTotpPayload> {
    await this.service.remove(ctx, input.code);
    return { viewer: await this.viewers.present(ctx) };
  }
}
