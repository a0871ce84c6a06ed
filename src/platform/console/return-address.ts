/**
 * Where the console goes on, below it. Whatever a link says, nobody is sent to another site, nor to what else is served here.
 *
 * @param wanted a path below the console, with its query.
 * @returns the path as browsers read it; `/` for what leads elsewhere.
 */
export function pathInConsole(consoleUrl: string, wanted: string): string {
  const home = `${consoleUrl}/console`;
  const isPath = /^\/(?![/\\])[^\\\s]*$/.test(wanted);
  if (!isPath || !URL.canParse(home + wanted)) return "/";
  // Dots in it may lead out.
  const { href } = new URL(home + wanted);
  const base = new URL(home).href;
  return href.startsWith(`${base}/`) ? href.slice(base.length) : "/";
}
