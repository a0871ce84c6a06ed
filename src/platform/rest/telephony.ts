import { GraphQLInputObjectType, GraphQLList, GraphQLNonNull, GraphQLString } from "graphql";
import { AppError, invalid, type FieldError } from "../errors.js";
import { checkValue } from "../graphql/check-input.js";
import { keywordExtensions } from "../graphql/keywords.js";

/**
 * REST documents telephony, and there is none here (contract sections 6 and 7). GraphQL does not know it: what is
 * answered and read of it is this door's own.
 */

/** A member of an answer that is always null. It is there when the field before it is. */
export interface NullMember {
  readonly restName: string;
  readonly scalar: string;
  readonly description: string;
}

const ALWAYS_NULL = "Documented for telephony: always null here.";

/** By the type and the field before them. */
export const NULL_MEMBERS: Readonly<Record<string, readonly NullMember[]>> = {
  "Conversation.agentVersionId": [
    { restName: "agent_number", scalar: "String", description: ALWAYS_NULL },
    { restName: "trunk_id", scalar: "String", description: ALWAYS_NULL },
  ],
  "Conversation.identityMetadata": [
    {
      restName: "recording_details",
      scalar: "JSONObject",
      description: `Sensitive. ${ALWAYS_NULL}`,
    },
  ],
};

/** A filter that matches nothing. */
export const NUMBER_FILTER = new GraphQLInputObjectType({
  name: "NumberFilter",
  fields: {
    agentNumber: {
      type: GraphQLString,
      description: "Documented for telephony: matches none here.",
    },
  },
});

const NUMBERS = {
  type: new GraphQLList(new GraphQLNonNull(GraphQLString)),
  description: "Documented for telephony: must be empty.",
  extensions: keywordExtensions({ maxItems: 0 }),
};

/** What a version cannot be published for. */
export const PUBLISHED_NUMBERS = new GraphQLInputObjectType({
  name: "PublishedNumbers",
  fields: {
    phoneNumbers: NUMBERS,
    phoneNumberIds: NUMBERS,
    phoneNumber: {
      type: GraphQLString,
      description: "Documented for telephony: must be empty.",
      extensions: keywordExtensions({ maxLength: 0 }),
    },
  },
});

/** What is wrong with the fields of a telephony input, as `checkVariables` says it of others. */
export function checkTelephony(
  type: GraphQLInputObjectType,
  values: Readonly<Record<string, unknown>>,
): FieldError[] {
  return Object.values(type.getFields()).flatMap(({ name, type: fieldType }) =>
    values[name] === undefined ? [] : checkValue(fieldType, values[name], name),
  );
}

/** The first field that says something; null and what is empty say nothing. */
export function givenTelephony(
  type: GraphQLInputObjectType,
  values: Readonly<Record<string, unknown>>,
): string | undefined {
  return Object.keys(type.getFields()).find((name) => {
    const value = values[name];
    return Array.isArray(value) ? value.length > 0 : (value ?? "") !== "";
  });
}

export function refuseTelephony(field: string): AppError {
  return invalid({ path: field, message: "Must be empty: there is no telephony here." });
}
