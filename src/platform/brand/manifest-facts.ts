import { z } from "zod";
import { absoluteUrl, emptyFacts, largestSize, type BrandFacts } from "./brand-facts.js";

const optionalText = z.string().optional().catch(undefined);

const Icon = z.object({ src: z.string(), sizes: optionalText, purpose: optionalText });

const Manifest = z.object({
  name: optionalText,
  short_name: optionalText,
  description: optionalText,
  theme_color: optionalText,
  background_color: optionalText,
  icons: z.array(z.unknown()).catch([]).default([]),
});

/** Reads a web app manifest; members of a wrong type are passed over, what is no JSON is empty. */
export function readManifestFacts(text: string, manifestUrl: string): BrandFacts {
  const facts = emptyFacts();
  const manifest = Manifest.safeParse(parseJson(text)).data;
  if (manifest === undefined) return facts;
  facts.names.push(...present(manifest.name), ...present(manifest.short_name));
  facts.descriptions.push(...present(manifest.description));
  facts.themeColors.push(...present(manifest.theme_color));
  facts.backgroundColor = manifest.background_color ?? null;
  for (const entry of manifest.icons.slice(0, 50)) {
    const icon = Icon.safeParse(entry).data;
    const url = icon === undefined ? null : absoluteUrl(icon.src, manifestUrl);
    // A monochrome icon is a mask: its colours mean nothing.
    if (icon === undefined || url === null || icon.purpose?.trim() === "monochrome") continue;
    facts.images.push({ url, source: "icon", declaredSize: largestSize(icon.sizes) });
  }
  return facts;
}

function present(text: string | undefined): string[] {
  return text === undefined || text.trim() === "" ? [] : [text];
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}
