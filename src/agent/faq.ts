/** A question, possibly in several wordings, with its answer. */
interface FaqEntry {
  readonly question: string;
  readonly answer: string;
}

/** What share of a message's meaning an entry must cover to be its answer. */
const ENOUGH = 0.5;
/** A word that only the answer has says less than one of the question. */
const ANSWER_WEIGHT = 0.6;
const UNKNOWN_WEIGHT = 0.9;
/** What is left of a word without its ending must still be a word. */
const MIN_STEM = 3;

// Words that say nothing about what is asked, in English.
const STOP_WORDS = new Set(
  (
    "a about an and any are as at be been but by can could did do does for from get give had has have " +
    "again also hello hey hi how i if in is it its just like me more much my need no not now of ok " +
    "okay on only or other our please really so some still sure " +
    "tell thank thanks that the their them then there they this to up us want was we were what " +
    "when where which who why will with would yes you your"
  ).split(" "),
);

interface Indexed {
  readonly entry: FaqEntry;
  readonly question: readonly string[];
  readonly answer: readonly string[];
}

/**
 * Finds the entry that answers a message by the words they share: forms of a word count as one
 * word, and small typing errors are forgiven.
 */
export class Faq {
  private readonly entries: readonly Indexed[];

  constructor(entries: readonly FaqEntry[]) {
    this.entries = entries.map((entry) => ({
      entry,
      question: words(entry.question),
      answer: words(entry.answer),
    }));
  }

  /** @returns undefined when nothing fits: better no answer than a wrong one. */
  find(message: string): FaqEntry | undefined {
    const asked = words(message);
    const total = asked.reduce((sum, word) => sum + this.weight(word), 0);
    if (total === 0) return undefined;
    let best: { entry: FaqEntry; score: number; closeness: number } | undefined;
    for (const { entry, question, answer } of this.entries) {
      let covered = 0;
      let matched = 0;
      for (const word of asked) {
        const inQuestion = question.some((other) => isSameWord(word, other));
        const inAnswer = !inQuestion && answer.some((other) => isSameWord(word, other));
        if (inQuestion) matched += 1;
        covered += this.weight(word) * (inQuestion ? 1 : inAnswer ? ANSWER_WEIGHT : 0);
      }
      const score = covered / total;
      const closeness = matched / Math.max(1, question.length);
      if (score < ENOUGH) continue;
      if (!best || score > best.score || (score === best.score && closeness > best.closeness)) {
        best = { entry, score, closeness };
      }
    }
    return best?.entry;
  }

  /** Rare words tell more. One that no question knows tells, a little less, that another thing is meant. */
  private weight(word: string): number {
    const having = this.entries.filter(({ question }) =>
      question.some((other) => isSameWord(word, other)),
    ).length;
    const rarity = Math.log(1 + (this.entries.length + 1) / (Math.max(1, having) + 0.5));
    return having === 0 ? rarity * UNKNOWN_WEIGHT : rarity;
  }
}

/** The words of a text that carry meaning, without accents, case and endings. Any language. */
function words(text: string): string[] {
  const plain = text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const segments = new Intl.Segmenter(undefined, { granularity: "word" }).segment(plain);
  const found = [...segments]
    .filter(({ isWordLike }) => isWordLike)
    .map(({ segment }) => segment.replace(/['’]s?$/, ""))
    .filter((word) => word !== "" && !STOP_WORDS.has(word));
  return [...new Set(found.map(stem))];
}

/** Cuts the commonest endings, so that `orders`, `ordered` and `ordering` are `order`. */
function stem(word: string): string {
  const singular = word.replace(/ies$/, "y").replace(/([^s])s$/, "$1");
  const cut = singular.replace(/(ations?|ments?|ing|ed|ly)$/, "").replace(/([^aeiou])\1$/, "$1");
  const stemmed = cut.length >= MIN_STEM ? cut : singular;
  return stemmed.length > MIN_STEM ? stemmed.replace(/e$/, "") : stemmed;
}

function isSameWord(a: string, b: string): boolean {
  if (a === b) return true;
  const shorter = Math.min(a.length, b.length);
  if (shorter < 5) return false;
  if (Math.abs(a.length - b.length) <= 3 && (a.startsWith(b) || b.startsWith(a))) return true;
  // With another letter a short word is mostly another word: stop and shop, four and hour.
  return shorter >= 6 && isWithinEdits(a, b, shorter >= 8 ? 2 : 1);
}

/** Whether insertions, deletions, replacements and swaps of neighbours, `most` of them, make `a` into `b`. */
function isWithinEdits(a: string, b: string, most: number): boolean {
  if (Math.abs(a.length - b.length) > most) return false;
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (row > 1 && column > 1 && swapped)
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    beforeLast = last;
    last = current;
  }
  return (last[b.length] ?? most + 1) <= most;
}
