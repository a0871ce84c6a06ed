const HUES: Readonly<Record<string, number>> = { chair: 28, lamp: 205, table: 150, ada: 262 };

/** @returns a drawn picture as an address */
export function picture(name: string): string {
  const hue = HUES[name] ?? 0;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 200"><rect width="320" height="200" fill="hsl(${hue} 45% 86%)"/><circle cx="160" cy="96" r="52" fill="hsl(${hue} 40% 62%)"/><rect x="60" y="150" width="200" height="14" rx="7" fill="hsl(${hue} 30% 45%)"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(svg)}`;
}
