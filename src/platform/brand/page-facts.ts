import { Parser } from "htmlparser2";
import { absoluteUrl, emptyFacts, largestSize, type BrandFacts } from "./brand-facts.js";
import { readJsonLd } from "./json-ld.js";

/** Nesting beyond this is no page but an attack on the parser, whose stack costs per level. */
const MAX_DEPTH = 512;
const CHUNK_CHARACTERS = 16_384;
const MAX_TAGS = 200;

interface RawPage {
  base: string | null;
  title: string | null;
  metas: Record<string, string>[];
  links: Record<string, string>[];
  jsonLd: string[];
}

/** Reads what an HTML page says of its brand. Broken markup is read as far as it goes. */
export function readPageFacts(html: string, pageUrl: string): BrandFacts {
  const raw = collectTags(html);
  const base = (raw.base === null ? null : absoluteUrl(raw.base, pageUrl)) ?? pageUrl;
  const facts = emptyFacts();
  readMetas(raw.metas, base, facts);
  for (const text of raw.jsonLd) readJsonLd(text, base, facts);
  readLinks(raw.links, base, facts);
  facts.title = raw.title;
  return facts;
}

function collectTags(html: string): RawPage {
  const page: RawPage = { base: null, title: null, metas: [], links: [], jsonLd: [] };
  const open = { elements: 0, foreign: 0 };
  let take: ((text: string) => void) | undefined;
  const parser = new Parser({
    onopentag(name, attributes) {
      open.elements += 1;
      take = undefined;
      if (name === "svg" || name === "math") open.foreign += 1;
      else if (name === "base") page.base ??= attributes["href"] ?? null;
      else if (name === "meta" && page.metas.length < MAX_TAGS) page.metas.push(attributes);
      else if (name === "link" && page.links.length < MAX_TAGS) page.links.push(attributes);
      else if (name === "title" && open.foreign === 0 && page.title === null) {
        page.title = "";
        take = (text) => (page.title += text);
      } else if (name === "script" && isJsonLd(attributes) && page.jsonLd.length < 20) {
        const index = page.jsonLd.push("") - 1;
        take = (text) => (page.jsonLd[index] += text);
      }
    },
    ontext: (text) => take?.(text),
    onclosetag(name) {
      open.elements -= 1;
      take = undefined;
      if (name === "svg" || name === "math") open.foreign -= 1;
    },
  });
  for (let at = 0; at < html.length; at += CHUNK_CHARACTERS) {
    if (open.elements > MAX_DEPTH) break;
    parser.write(html.slice(at, at + CHUNK_CHARACTERS));
  }
  parser.end();
  return page;
}

function isJsonLd(attributes: Record<string, string>): boolean {
  return /^application\/ld\+json\b/i.test(attributes["type"]?.trim() ?? "");
}

function readMetas(metas: readonly Record<string, string>[], base: string, facts: BrandFacts) {
  const values = new Map<string, string[]>();
  const darkThemes: string[] = [];
  for (const meta of metas) {
    const key = (meta["property"] ?? meta["name"] ?? "").trim().toLowerCase();
    const content = meta["content"]?.trim() ?? "";
    if (key === "" || content === "") continue;
    if (key === "theme-color" && /\bdark\b/i.test(meta["media"] ?? "")) darkThemes.push(content);
    else values.set(key, [...(values.get(key) ?? []), content]);
  }
  const first = (key: string) => values.get(key)?.slice(0, 1) ?? [];
  facts.names.push(...first("og:site_name"), ...first("application-name"));
  facts.names.push(...first("apple-mobile-web-app-title"));
  facts.descriptions.push(...first("description"), ...first("og:description"));
  facts.descriptions.push(...first("twitter:description"));
  facts.themeColors.push(...(values.get("theme-color") ?? []), ...darkThemes);
  facts.darkOnly = /^(?:only\s+)?dark$/i.test(values.get("color-scheme")?.[0] ?? "");
  const addImage = (keys: readonly string[], source: "open-graph-logo" | "open-graph-image") => {
    const urls = keys
      .flatMap((key) => values.get(key) ?? [])
      .map((link) => absoluteUrl(link, base));
    const url = urls.find((candidate) => candidate !== null);
    if (url !== undefined) facts.images.push({ url, source, declaredSize: null });
  };
  addImage(["og:logo"], "open-graph-logo");
  const pictures = ["og:image:secure_url", "og:image", "og:image:url", "twitter:image"];
  addImage(pictures, "open-graph-image");
}

function readLinks(links: readonly Record<string, string>[], base: string, facts: BrandFacts) {
  for (const link of links) {
    const relations = (link["rel"] ?? "").toLowerCase().split(/\s+/);
    const url = absoluteUrl(link["href"] ?? "", base);
    if (url === null) continue;
    if (relations.includes("manifest")) facts.manifestUrl ??= url;
    const touch = relations.some((relation) => relation.startsWith("apple-touch-icon"));
    if (touch || relations.includes("icon")) {
      // Apple's icons are 180 pixels unless they say otherwise; a plain icon may be anything.
      const declaredSize = largestSize(link["sizes"]) ?? (touch ? 180 : null);
      facts.images.push({ url, source: "icon", declaredSize });
    }
  }
}
