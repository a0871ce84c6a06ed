/** Where the panel is the whole screen; the style sheet asks the same. */
export function isPhone(): boolean {
  return matchMedia("(max-width:639.98px),(max-height:479.98px)").matches;
}
