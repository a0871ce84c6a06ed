import { Arg, Ctx, Mutation, Resolver } from "type-graphql";
import type { RequestContext } from "../auth/context.js";
import { PersonalTokenService } from "./personal-token.service.js";
import {
  CreatePersonalTokenInput,
  CreatePersonalTokenPayload,
  PersonalToken,
  RevokePersonalTokenInput,
  RevokePersonalTokenPayload,
} from "./personal-token.type.js";

const INPUT = { description: "Its fields, and the ids that it concerns." };

@Resolver(() => PersonalToken)
export class PersonalTokenResolver {
  constructor(private readonly service: PersonalTokenService) {}

  @Mutation(() => CreatePersonalTokenPayload, {
    nullable: true,
    description:
      "Makes a personal token of who is signed in to the console. Its secret is shown only in this answer.",
  })
  createPersonalToken(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreatePersonalTokenInput, INPUT) input: CreatePersonalTokenInput,
  ): Promise<CreatePersonalTokenPayload> {
    return this.service.create(ctx, input);
  }

  @Mutation(() => RevokePersonalTokenPayload, {
    nullable: true,
    description: "Revokes a personal token of who is signed in to the console, at once.",
  })
  async revokePersonalToken(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => RevokePersonalTokenInput, INPUT) input: RevokePersonalTokenInput,
  ): Promise<RevokePersonalTokenPayload> {
    return { revokedTokenId: await this.service.revoke(ctx, input.id) };
  }
}
