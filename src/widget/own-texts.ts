import { readFields, type Fields } from "../protocol/read.js";

/** An owner's own words (contract section 4, `texts`), by language in lower case. */
export function readOwnTexts(texts: unknown): ReadonlyMap<string, Fields> {
  return new Map(
    Object.entries(readFields(texts)).map(([tag, own]) => [tag.toLowerCase(), readFields(own)]),
  );
}

/** Of all tags, the closest first: what is said of a region goes before what is said of its language. */
export function textsFor(texts: ReadonlyMap<string, Fields>, tags: readonly string[]): Fields {
  return tags.reduceRight<Fields>((all, tag) => ({ ...all, ...texts.get(tag) }), {});
}
