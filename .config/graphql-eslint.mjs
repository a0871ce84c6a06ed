import graphql from "@graphql-eslint/eslint-plugin";

/**
 * The rules of `schema.graphql`: names, descriptions, inputs and payloads, pages, deprecations. Every rule that the
 * plugin has for schemas is on, unless a line here says why not. `overrides` in package.json keeps its loaders of other
 * schemas, which we do not use, at versions for Node 20.
 */
export default [
  {
    files: ["schema.graphql"],
    languageOptions: {
      parser: graphql.parser,
      parserOptions: { graphQLConfig: { schema: "schema.graphql" } },
    },
    plugins: { "@graphql-eslint": graphql },
    rules: {
      ...graphql.configs["flat/schema-all"].rules,
      ...graphql.configs["flat/schema-relay"].rules,
      "@graphql-eslint/input-name": [
        "error",
        { checkInputType: true, caseSensitiveInputType: false },
      ],
      // Lists page forward alone (contract section 3).
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],
      // A page has its items without their cursors too, as `nodes`. There is no `Node`: decision 13.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false },
      ],
      // graphql-js prints in alphabetical order; the rule means another one.
      "@graphql-eslint/alphabetize": "off",
      // There are queries and mutations.
      "@graphql-eslint/no-root-type": "off",
      // `Conversation.conversation` is what the documented paths call what was said.
      "@graphql-eslint/no-typename-prefix": "off",
      // graphql-js knows no date of a deprecation: its reason says it.
      "@graphql-eslint/require-deprecation-date": "off",
      // A payload answers what was changed; who wants more asks again.
      "@graphql-eslint/require-field-of-type-query-in-mutation-result": "off",
      // Payloads, pages and plain values, such as a colour, have no id.
      "@graphql-eslint/strict-id-in-types": "off",
    },
  },
];
