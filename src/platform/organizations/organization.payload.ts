import { Field, ObjectType } from "type-graphql";
import { ApiKey } from "./api-key.type.js";
import { Organization } from "./organization.type.js";

@ObjectType({
  description: "What `createApiKey` answers: a new key, and its secret, which is shown only here.",
})
export class CreateApiKeyPayload {
  @Field(() => String, {
    description: "`ak_<id>.<secret>`, for `Authorization: Bearer`. Shown only here.",
  })
  secret: string;

  @Field(() => ApiKey, { description: "The key." })
  apiKey: ApiKey;
}

@ObjectType({ description: "What `revokeApiKey` answers." })
export class RevokeApiKeyPayload {
  @Field(() => ApiKey, { description: "The key, revoked." })
  apiKey: ApiKey;
}

@ObjectType({ description: "What `updateOrganization` answers." })
export class UpdateOrganizationPayload {
  @Field(() => Organization, { description: "The organization as it is now." })
  organization: Organization;
}
