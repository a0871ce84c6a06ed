import { Arg, Args, Authorized, Ctx, Mutation, Query, Resolver } from "type-graphql";
import { MANAGE_ORGANIZATION } from "../auth/scopes.js";
import type { RequestContext } from "../context.js";
import { listComplexity, toConnection, type ConnectionOf } from "../graphql/connection.js";
import { ApiKeyService } from "./api-key.service.js";
import {
  ApiKey,
  ApiKeyConnection,
  ApiKeysArgs,
  CreateApiKeyInput,
  CreatedApiKey,
  Me,
} from "./api-key.type.js";

@Resolver(() => ApiKey)
export class ApiKeyResolver {
  constructor(private readonly keys: ApiKeyService) {}

  @Authorized(...MANAGE_ORGANIZATION)
  @Query(() => Me, { description: "Who calls." })
  me(@Ctx() ctx: RequestContext): Promise<Me> {
    return this.keys.me(ctx);
  }

  @Authorized(...MANAGE_ORGANIZATION)
  @Query(() => ApiKeyConnection, {
    description: "The organization's keys, newest first.",
    complexity: listComplexity,
  })
  async apiKeys(
    @Ctx() ctx: RequestContext,
    @Args(() => ApiKeysArgs) args: ApiKeysArgs,
  ): Promise<ConnectionOf<ApiKey>> {
    return toConnection(await this.keys.list(ctx, args));
  }

  @Authorized(...MANAGE_ORGANIZATION)
  @Mutation(() => CreatedApiKey, {
    description: "Creates a key. Its secret is shown only in this answer.",
  })
  createApiKey(
    @Ctx() ctx: RequestContext,
    @Arg("input", () => CreateApiKeyInput, { description: "The key." }) input: CreateApiKeyInput,
  ): Promise<CreatedApiKey> {
    return this.keys.create(ctx, input);
  }

  @Authorized(...MANAGE_ORGANIZATION)
  @Mutation(() => ApiKey, {
    description: "Revokes a key immediately. Revoking it again changes nothing.",
  })
  revokeApiKey(
    @Ctx() ctx: RequestContext,
    @Arg("id", () => String, { description: "The key's public id." }) id: string,
  ): Promise<ApiKey> {
    return this.keys.revoke(ctx, id);
  }
}
