import { domainToUnicode } from "node:url";
import {
  cleanLine,
  emptyFacts,
  type BrandFacts,
  type ImageLink,
  type ImageSource,
} from "./brand-facts.js";
import { BrandNotFoundError } from "./brand-errors.js";
import { luminance, parseColor, toHex, type Color } from "../../protocol/color.js";
import { decodeText } from "../../process/web/decode-text.js";
import { normalizeDomain } from "./domain.js";
import { readImage, type ImageFacts } from "./image.js";
import { readManifestFacts } from "./manifest-facts.js";
import type { BrandColorRole, BrandLogoType } from "./brand-words.js";
import { readPageFacts } from "./page-facts.js";
import { isColorful, pickPrimary, type Swatch } from "./swatches.js";
import type { FetchedBody, FetchSession, SafeFetcher } from "../../process/web/safe-fetch.js";
import { suggestConfig, type SuggestedConfig } from "./suggested-config.js";

interface BrandColor {
  /** `#rrggbb`, lower case. */
  hex: string;
  role: BrandColorRole;
}

interface BrandLogo {
  url: string;
  /** `logo`: declared as the organization's; `icon`: of site or app; `image`: for link previews. */
  type: BrandLogoType;
  /** Pixels; null when an SVG does not say. */
  width: number | null;
  height: number | null;
}

/** What a website tells of its brand. */
export interface Brand {
  /** The domain as normalised. */
  domain: string;
  name: string | null;
  description: string | null;
  colors: BrandColor[];
  logos: BrandLogo[];
  suggestedConfig: SuggestedConfig;
}

const PAGE_BYTES = 1_500_000;
const MANIFEST_BYTES = 256_000;
const IMAGE_BYTES = 2_500_000;
const ENOUGH_LOGOS = 4;

/** Reads a brand from a website's home page, its manifest and its logos. Keeps nothing. */
export class BrandReader {
  constructor(private readonly fetcher: SafeFetcher) {}

  /**
   * @param domain as typed; see normalizeDomain
   * @throws InvalidDomainError when it is no public host name
   * @throws BrandNotFoundError when the site did not answer, or tells nothing of a brand
   */
  async read(domain: string): Promise<Brand> {
    const host = normalizeDomain(domain);
    const session = this.fetcher.open();
    try {
      const page = await fetchHomePage(session, host);
      const html = decodeText(page.body, page.contentType);
      const facts = readPageFacts(html, page.url.href);
      const manifest = await fetchManifest(session, facts.manifestUrl);
      const links = rankImages([...facts.images, ...manifest.images]);
      const images = await fetchImages(session, links, page.url);
      return assemble(host, facts, manifest, images);
    } finally {
      session.close();
    }
  }
}

interface FoundImage extends ImageFacts {
  url: string;
  source: ImageSource;
}

/** Some sites answer only with `www.`, some only without encryption. */
async function fetchHomePage(session: FetchSession, host: string): Promise<FetchedBody> {
  const addresses = [`https://${host}/`, `https://www.${host}/`, `http://${host}/`];
  let cause: unknown;
  for (const address of addresses) {
    try {
      const page = await session.page(address, {
        accept: "text/html,application/xhtml+xml;q=0.9",
        maxBytes: PAGE_BYTES,
        truncate: true,
      });
      if (page.status === 200 && isHtml(page)) return page;
    } catch (error) {
      cause = error;
    }
  }
  throw new BrandNotFoundError(host, { cause });
}

function isHtml({ contentType, body }: FetchedBody): boolean {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type === "text/html" || type === "application/xhtml+xml") return true;
  return type === "" && /^\s*<(?:!doctype\s+html|html)\b/i.test(body.toString("latin1", 0, 512));
}

async function fetchManifest(session: FetchSession, url: string | null): Promise<BrandFacts> {
  if (url === null) return emptyFacts();
  try {
    const accept = "application/manifest+json,application/json;q=0.9";
    const found = await session.subResource(url, { accept, maxBytes: MANIFEST_BYTES });
    if (found.status !== 200) return emptyFacts();
    return readManifestFacts(found.body.toString("utf8"), found.url.href);
  } catch {
    // A page is a brand without its manifest too.
    return emptyFacts();
  }
}

/** The most telling first: a logo, then icons of a useful size, a preview picture, small icons. */
function rankImages(images: readonly ImageLink[]): ImageLink[] {
  const unique = new Map<string, ImageLink>();
  for (const image of images) if (!unique.has(image.url)) unique.set(image.url, image);
  return [...unique.values()].toSorted((a, b) => rank(a) - rank(b) || sizeRank(a) - sizeRank(b));
}

function rank({ source, declaredSize }: ImageLink): number {
  if (source === "organization") return 0;
  if (source === "open-graph-logo") return 1;
  if (source === "open-graph-image") return 3;
  return (declaredSize ?? 0) >= 96 ? 2 : 4;
}

/** Nearest to 256 pixels: enough to show, and no more to fetch than it takes. */
function sizeRank({ declaredSize }: ImageLink): number {
  return Math.abs(Math.min(declaredSize ?? 0, 4096) - 256);
}

async function fetchImages(
  session: FetchSession,
  links: readonly ImageLink[],
  pageUrl: URL,
): Promise<FoundImage[]> {
  const found: FoundImage[] = [];
  const take = async (url: string, source: ImageSource): Promise<void> => {
    const satisfied = found.length >= ENOUGH_LOGOS;
    if (satisfied || session.subResourcesLeft === 0 || session.msLeft === 0) return;
    const image = await fetchImage(session, url);
    if (image !== null) found.push({ url, source, ...image });
  };
  for (const { url, source } of links) await take(url, source);
  // Browsers look here too when a page names no icon that is one.
  const favicon = new URL("/favicon.ico", pageUrl).href;
  const isKnown = links.some(({ url }) => url === favicon);
  if (!isKnown && !found.some(({ source }) => source === "icon")) await take(favicon, "icon");
  return found;
}

async function fetchImage(session: FetchSession, url: string): Promise<ImageFacts | null> {
  try {
    const accept = "image/png,image/webp,image/*;q=0.8";
    const { status, body } = await session.subResource(url, { accept, maxBytes: IMAGE_BYTES });
    return status === 200 ? await readImage(body, session.msLeft / 1000) : null;
  } catch {
    // One picture less.
    return null;
  }
}

function assemble(
  domain: string,
  page: BrandFacts,
  manifest: BrandFacts,
  images: readonly FoundImage[],
): Brand {
  const name = nameOf(domain, page, manifest);
  const description = firstLine([...page.descriptions, ...manifest.descriptions], 300);
  const theme = firstColor([...page.themeColors, ...manifest.themeColors]);
  const background = firstColor(
    manifest.backgroundColor === null ? [] : [manifest.backgroundColor],
  );
  const palette = leadingPalette(images);
  const primary = pickPrimary(theme, palette);
  const colors = listColors(primary, theme, background, palette);
  if (name === null && description === null && colors.length === 0 && images.length === 0) {
    throw new BrandNotFoundError(domain);
  }
  const dark = page.darkOnly || (background !== null && luminance(background) < 0.05);
  const suggestedConfig = suggestConfig({
    name,
    primary,
    hasColors: colors.length > 0,
    dark,
    logoUrl: pickLogo(images, dark)?.url ?? null,
    avatarUrl: pickAvatar(images)?.url ?? null,
  });
  const logos = images.map(({ url, source, width, height }) => {
    return { url, type: LOGO_TYPES[source], width, height };
  });
  return { domain, name, description, colors, logos, suggestedConfig };
}

const LOGO_TYPES: Record<ImageSource, BrandLogo["type"]> = {
  organization: "logo",
  "open-graph-logo": "logo",
  icon: "icon",
  "open-graph-image": "image",
};

function nameOf(domain: string, page: BrandFacts, manifest: BrandFacts): string | null {
  const declared = firstLine([...page.names, ...manifest.names], 80);
  if (declared !== null || page.title === null) return declared;
  const title = cleanLine(page.title, 300);
  if (title === null) return null;
  // "Shoes and boots | Acme": the part that looks like the domain, else the first.
  const parts = title.split(/\s[|–—·•:»-]\s|:\s/);
  const labels = domainToUnicode(domain).split(".").slice(0, -1).map(lettersOf);
  const own = parts.find((part) => labels.includes(lettersOf(part)));
  return cleanLine(own ?? parts[0] ?? title, 80);
}

function lettersOf(text: string): string {
  return text
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");
}

function firstLine(texts: readonly string[], maxLength: number): string | null {
  for (const text of texts) {
    const line = cleanLine(text, maxLength);
    if (line !== null) return line;
  }
  return null;
}

function firstColor(texts: readonly string[]): Color | null {
  for (const text of texts) {
    const color = parseColor(text);
    if (color !== null) return color;
  }
  return null;
}

/** The first picture's colours; a black and white logo gives way to a coloured icon. */
function leadingPalette(images: readonly FoundImage[]): Swatch[] {
  const trusted = images.filter(({ source }) => source !== "open-graph-image");
  const ordered = [...trusted, ...images.filter((image) => !trusted.includes(image))];
  const colorful = ordered.find(({ palette }) => palette.some(({ color }) => isColorful(color)));
  return (colorful ?? ordered.find(({ palette }) => palette.length > 0))?.palette ?? [];
}

function listColors(
  primary: Color | null,
  theme: Color | null,
  background: Color | null,
  palette: readonly Swatch[],
): BrandColor[] {
  const colors = new Map<string, BrandColorRole>();
  const add = (color: Color | null, role: BrandColorRole) => {
    if (color !== null && !colors.has(toHex(color))) colors.set(toHex(color), role);
  };
  add(primary, "primary");
  add(theme, "theme");
  for (const { color } of palette) add(color, isColorful(color) ? "accent" : "neutral");
  add(background, "background");
  return [...colors].map(([hex, role]) => ({ hex, role }));
}

/** A white logo is made for a dark ground: on a light panel nothing would be seen of it. */
function pickLogo(images: readonly FoundImage[], dark: boolean): FoundImage | undefined {
  return images.find(({ whiteOnly, url }) => (dark || !whiteOnly) && url.startsWith("https:"));
}

/** The first icon that is about as wide as high. */
function pickAvatar(images: readonly FoundImage[]): FoundImage | undefined {
  return images.find(({ source, url, width, height, whiteOnly }) => {
    const square = width !== null && height !== null && Math.abs(width / height - 1) < 0.1;
    return source === "icon" && square && !whiteOnly && url.startsWith("https:");
  });
}
