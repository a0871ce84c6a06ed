import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { PasskeyService } from "./passkey.service.js";
import {
  ConfirmPasskeyInput,
  ConfirmPasskeyPayload,
  RemovePasskeyInput,
  RemovePasskeyPayload,
  RenamePasskeyInput,
  RenamePasskeyPayload,
  StartPasskeyInput,
  StartPasskeyPayload,
} from "./passkey.payload.js";
import { ViewerService } from "./viewer.service.js";

const INPUT = { description: "Its fields, and the ids that it concerns." };

@Resolver()
export class PasskeyResolver {
  constructor(
    private readonly service: PasskeyService,
    private readonly viewers: ViewerService,
  ) {}

  @Mutation(() => StartPasskeyPayload, {
    nullable: true,
    description:
      "Asks an authenticator for a passkey of who is signed in to the console. It is theirs once `confirmPasskey` was given the answer.",
  })
  async startPasskey(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => StartPasskeyInput, INPUT) input: StartPasskeyInput,
  ): Promise<StartPasskeyPayload> {
    return { options: await this.service.start(ctx, input) };
  }

  @Mutation(() => ConfirmPasskeyPayload, {
    nullable: true,
    description: "From now on who is signed in to the console signs in by this passkey too.",
  })
  async confirmPasskey(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => ConfirmPasskeyInput, INPUT) input: ConfirmPasskeyInput,
  ): Promise<ConfirmPasskeyPayload> {
    await this.service.confirm(ctx, input);
    return { viewer: await this.viewers.present(ctx) };
  }

  @Mutation(() => RenamePasskeyPayload, {
    nullable: true,
    description: "Gives a passkey of who is signed in to the console another name.",
  })
  async renamePasskey(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => RenamePasskeyInput, INPUT) input: RenamePasskeyInput,
  ): Promise<RenamePasskeyPayload> {
    return { passkey: await this.service.rename(ctx, input) };
  }

  @Mutation(() => RemovePasskeyPayload, {
    nullable: true,
    description:
      "Signs who is signed in to the console in by a passkey no more, and ends all their other sessions.",
  })
  async removePasskey(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => RemovePasskeyInput, INPUT) input: RemovePasskeyInput,
  ): Promise<RemovePasskeyPayload> {
    await this.service.remove(ctx, input.id);
    return { viewer: await this.viewers.present(ctx) };
  }
}
