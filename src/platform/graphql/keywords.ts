import type { GraphQLInputField, GraphQLInputObjectType } from "graphql";
import { Extensions } from "type-graphql";

/** What JSON Schema can say of an input and GraphQL's types cannot; the service checks the same. */
export interface Keywords {
  /** May be left out, but cannot be null. */
  readonly notNull?: true;
  readonly minLength?: number;
  readonly maxLength?: number;
  /** ECMA-262 and Python alike: `[0-9]`, not `\d`. */
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxItems?: number;
}

const KEY = "keywords";
const ONE_OF = "oneOf";

/** Stands once beside `@Field`; the OpenAPI document is made from it. */
export function keywords(words: Keywords): PropertyDecorator {
  return Extensions(keywordExtensions(words)) as PropertyDecorator;
}

/** The same for a field that is made without a class. */
export function keywordExtensions(words: Keywords): Record<string, unknown> {
  return { [KEY]: words };
}

/** A text of so many characters, of which at least one is no space where there is a minimum. */
export function textKeywords({ min, max }: { min?: number; max: number }): Keywords {
  return { maxLength: max, ...(min ? { minLength: min, pattern: String.raw`\S` } : {}) };
}

/** Of its fields exactly one is given: stands beside `@InputType`, and the built schema has it as GraphQL's `@oneOf`. */
export function oneOf(): ClassDecorator {
  return Extensions({ [ONE_OF]: true }) as ClassDecorator;
}

export function keywordsOf({ extensions }: Pick<GraphQLInputField, "extensions">): Keywords {
  return (extensions[KEY] ?? {}) as Keywords;
}

export function isMeantAsOneOf({
  extensions,
}: Pick<GraphQLInputObjectType, "extensions">): boolean {
  return extensions[ONE_OF] === true;
}
