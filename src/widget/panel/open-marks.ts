/** Half a link shows its label, half a mark shows its effect: nothing flickers while words arrive. */
export function closeOpenMarks(source: string): string {
  const fences = source.match(/^ {0,3}(`{3,}|~{3,})/gm)?.length ?? 0;
  if (fences % 2 === 1) return source;
  const cut = source.lastIndexOf("\n") + 1;
  const head = source.slice(0, cut);
  // As far back as half a link could reach: this pattern looks at all of it again and again.
  const near = Math.max(cut, source.length - 2000);
  const end = source.slice(near).replace(/!?\[([^\]\n]*)(?:\]\([^)\s]*)?$/, "$1");
  const tail = withoutTrailing(source.slice(cut, near) + end, "*_~`");
  const withoutCode = tail.replace(/`[^`\n]*`/g, "");
  if (withoutCode.includes("`")) return `${head}${tail}\``;
  let closing = "";
  for (const mark of ["**", "~~"]) {
    if (withoutCode.split(mark).length % 2 === 0) closing = mark + closing;
  }
  return head + tail.trimEnd() + closing;
}

/** A pattern with an open beginning would try every one of them. */
function withoutTrailing(text: string, characters: string): string {
  let end = text.length;
  while (end > 0 && characters.includes(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}
