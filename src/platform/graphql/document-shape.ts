import { GraphQLError, Lexer, Source, TokenKind } from "graphql";

/** Tokens in one document; longer ones are not even parsed. The largest of ours has 700. */
export const MAX_TOKENS = 3_000;
/** How often one name or one spread may stand in a document: validation compares all that share a name. */
const MAX_REPEATS = 150;

/**
 * Refuses, by its words alone, a document that would take long to parse or to validate: comparing
 * fields of one name is quadratic in graphql-js, and so is comparing fragments.
 *
 * @param source what came as `query`; anything but a text is left to Apollo.
 * @throws GraphQLError with the code `QUERY_TOO_LARGE`.
 */
export function requireShortDocument(source: unknown): void {
  if (typeof source !== "string") return;
  const reason = whyTooLong(source);
  if (reason === undefined) return;
  throw new GraphQLError(reason, {
    extensions: { code: "QUERY_TOO_LARGE", http: { status: 400 } },
  });
}

function whyTooLong(source: string): string | undefined {
  const repeats = new Map<string, number>();
  const lexer = new Lexer(new Source(source));
  for (let tokens = 0; ; tokens += 1) {
    // The parser stops at the same place.
    if (tokens > MAX_TOKENS) return undefined;
    try {
      lexer.advance();
    } catch {
      // The parser finds the same fault, and says where it is.
      return undefined;
    }
    const { kind, value } = lexer.token;
    if (kind === TokenKind.EOF) return undefined;
    if (kind !== TokenKind.NAME && kind !== TokenKind.SPREAD) continue;
    const word = kind === TokenKind.NAME ? value : kind;
    const count = (repeats.get(word) ?? 0) + 1;
    if (count > MAX_REPEATS)
      return `The document repeats "${word.slice(0, 64)}" more than ${MAX_REPEATS} times.`;
    repeats.set(word, count);
  }
}
