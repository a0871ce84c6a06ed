export function make<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  properties: Partial<HTMLElementTagNameMap[T]>,
  ...children: (Node | string)[]
): HTMLElementTagNameMap[T] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** On the launcher while the panel is closed. */
export const BUBBLE = "M20 12a8 8 0 1 0-3 6l3 2-1-4a8 8 0 0 0 1-4Z";

/** Made node by node: pages with Trusted Types refuse markup in strings. */
export function drawIcon(path: string): Element {
  const namespace = "http://www.w3.org/2000/svg";
  const icon = document.createElementNS(namespace, "svg");
  const line = document.createElementNS(namespace, "path");
  icon.setAttribute("viewBox", "0 0 24 24");
  line.setAttribute("d", path);
  icon.append(line);
  return icon;
}
