import {
  DirectiveLocation,
  GraphQLDirective,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
} from "graphql";
import { Authorized, Extensions } from "type-graphql";
import type { Scope } from "../auth/scopes.js";

const KEY = "scopes";

/** The scopes of which one is enough, as the check of a field and as what its schema says of it. */
export function RequiresScopes(scopes: readonly Scope[]): MethodDecorator & PropertyDecorator {
  return (target: object, key: string | symbol): void => {
    Authorized(...scopes)(target, key);
    Extensions({ [KEY]: scopes })(target, key);
  };
}

/** @returns undefined for a field that needs none. */
export function scopesOf(
  field: { readonly extensions: Readonly<Record<string, unknown>> } | undefined,
): readonly Scope[] | undefined {
  return field?.extensions[KEY] as readonly Scope[] | undefined;
}

/** Stands in `schema.graphql` at each field with scopes; the shape is Apollo Federation's. */
export const REQUIRES_SCOPES = new GraphQLDirective({
  name: "requiresScopes",
  description:
    "Needs a token with one of these lists of scopes: of a list all. A field without this needs what the field above it needs.",
  locations: [DirectiveLocation.FIELD_DEFINITION],
  args: {
    scopes: {
      description: "`web_widgets:read` and the like, as tokens carry them.",
      type: new GraphQLNonNull(
        new GraphQLList(new GraphQLNonNull(new GraphQLList(new GraphQLNonNull(GraphQLString)))),
      ),
    },
  },
});
