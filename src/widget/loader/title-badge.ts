/** By widget: a page may have several. */
const counts = new Map<string, number>();
/** What stands before the page's own title. */
let badge = "";

/** The page's title without ours. */
export function ownTitle(): string {
  const { title } = document;
  return badge && title.startsWith(badge) ? title.slice(badge.length) : title;
}

/** Tells the browser's tab how much nobody has seen yet, and takes back its own alone. */
export function badgeTitle(widgetId: string, count: number): void {
  const own = ownTitle();
  let sum = 0;
  counts.set(widgetId, count).forEach((one) => (sum += one));
  badge = sum ? `(${sum}) ` : "";
  document.title = badge + own;
}
