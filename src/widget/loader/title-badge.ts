/** What stands before the page's own title. */
let badge = "";

/** Tells the browser's tab how much nobody has seen yet, and takes back its own alone. */
export function badgeTitle(count: number): void {
  const { title } = document;
  const own = badge && title.startsWith(badge) ? title.slice(badge.length) : title;
  badge = count ? `(${count}) ` : "";
  document.title = badge + own;
}
