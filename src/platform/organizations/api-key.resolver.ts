import { Arg, Args, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import type { RequestContext } from "../auth/context.js";
import { listComplexity, toConnection, type ConnectionOf } from "../graphql/relay-connection.js";
import { ApiKeyService } from "./api-key.service.js";
import {
  ApiKey,
  ApiKeyConnection,
  ApiKeysArgs,
  CreateApiKeyInput,
  Me,
  RevokeApiKeyInput,
} from "./api-key.type.js";
import { CreateApiKeyPayload, RevokeApiKeyPayload } from "./organization.payload.js";
import { RequiresScopes } from "../graphql/requires-scopes.js";

@Resolver(() => ApiKey)
export class ApiKeyResolver {
  constructor(private readonly keys: ApiKeyService) {}

  @RequiresScopes(MANAGE_ORGANIZATION)
  @Query(() => Me, { nullable: true, description: "Who calls." })
  me(@Ctx() ctx: RequestContext): Promise<Me> {
    return this.keys.me(ctx);
  }

  @RequiresScopes(MANAGE_ORGANIZATION)
  @Query(() => ApiKeyConnection, {
    nullable: true,
    description: "The organization's keys, newest first.",
    complexity: listComplexity,
  })
  async apiKeys(
    @Ctx() ctx: RequestContext,
    @Args(() => ApiKeysArgs) args: ApiKeysArgs,
  ): Promise<ConnectionOf<ApiKey>> {
    return toConnection(await this.keys.list(ctx, args));
  }

  @RequiresScopes(MANAGE_ORGANIZATION)
  @Mutation(() => CreateApiKeyPayload, {
    nullable: true,
    description: "Creates a key. Its secret is shown only in this answer.",
  })
  createApiKey(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreateApiKeyInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: CreateApiKeyInput,
  ): Promise<CreateApiKeyPayload> {
    return this.keys.create(ctx, input);
  }

  @RequiresScopes(MANAGE_ORGANIZATION)
  @Mutation(() => RevokeApiKeyPayload, {
    nullable: true,
    description: "Revokes a key immediately. Revoking it again changes nothing.",
  })
  async revokeApiKey(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => RevokeApiKeyInput, {
      description: "Its fields, and the ids that it concerns.",
    })
    input: RevokeApiKeyInput,
  ): Promise<RevokeApiKeyPayload> {
    return { apiKey: await this.keys.revoke(ctx, input.id) };
  }
}
