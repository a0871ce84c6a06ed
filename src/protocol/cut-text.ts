/** Longer than any character that people write, in UTF-16 units: a family of four with skin tones has 41. */
const LONGEST = 100;

/** A text's beginning of at most so many UTF-16 units, which ends between two characters, as people see them. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text;
  const from = Math.max(0, most - LONGEST);
  let end = from;
  for (const character of charactersOf(text.slice(from, most + LONGEST))) {
    if (end + character.length > most) break;
    end += character.length;
  }
  return text.slice(0, end);
}

/** What stands for a name: its first character, in capitals where its script has them. */
export function initialOf(name: string): string {
  const [first = ""] = charactersOf(name.trim().slice(0, LONGEST));
  return first.toUpperCase();
}

function charactersOf(text: string): string[] {
  // Firefox has it since version 125; before, a flag may lose a half, but no letter does.
  if (!("Segmenter" in Intl)) return Array.from(text);
  return Array.from(new Intl.Segmenter().segment(text), ({ segment }) => segment);
}
