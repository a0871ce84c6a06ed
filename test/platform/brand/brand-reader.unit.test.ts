import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import {
  BrandNotFoundError,
  InvalidDomainError,
} from "../../../src/platform/brand/brand-errors.js";
import { BrandReader, type Brand } from "../../../src/platform/brand/brand-reader.js";
import { colorfulness, contrast, parseColor, type Color } from "../../../src/protocol/color.js";
import { SafeFetcher, type SafeFetcherOptions } from "../../../src/process/web/safe-fetch.js";
import { DARK_PANEL, LIGHT_PANEL } from "../../../src/protocol/mode-colors.js";
import { serveSite, type Answer, type LocalSite, type Routes } from "../../support/local-site.js";
import { blankPng, ico, iconBitmap, markOnNothing, png } from "./pictures.js";

const HOME = "https://shop.example.com";

let site: LocalSite | undefined;

afterEach(async () => {
  await site?.close();
  site = undefined;
});

async function readBrand(routes: Routes, options?: Partial<SafeFetcherOptions>, secure = true) {
  site = await serveSite(routes, secure);
  const brand = await readFrom(site, options);
  expectSavable(brand);
  return brand;
}

async function readFrom(from: LocalSite, options?: Partial<SafeFetcherOptions>): Promise<Brand> {
  return new BrandReader(new SafeFetcher(from.options(options))).read("shop.example.com");
}

const page = (head: string, body = "") => ({
  type: "text/html; charset=utf-8",
  body: `<!doctype html><html><head>${head}</head><body>${body}</body></html>`,
});

const picture = (body: Buffer) => ({ type: "image/png", body });

function color(text: string | undefined): Color {
  const parsed = parseColor(text ?? "");
  if (parsed === null) throw new Error(`no colour: ${text}`);
  return parsed;
}

/** Contrast of every pair of the suggested colours, with the panel and the text on it. */
function measure({ suggestedConfig: { chat } }: Brand) {
  const modes = [
    { colors: chat.light_mode, panel: LIGHT_PANEL },
    { colors: chat.dark_mode, panel: DARK_PANEL },
  ];
  return modes.flatMap(({ colors, panel }) =>
    (["user_message", "controls_button"] as const).map((part) => {
      const background = color(colors?.background_color[part]);
      return {
        part,
        text: contrast(color(colors?.text_color[part]), background),
        panel: contrast(background, panel),
      };
    }),
  );
}

/** The rules that the contract sets for `config.v1`, and WCAG AA. */
function expectSavable(brand: Brand): void {
  const config = brand.suggestedConfig;
  expect(["system", "light", "dark"]).toContain(config.theme);
  const { light_mode, dark_mode, logo_url, avatar_url, title } = config.chat;
  expect(light_mode === undefined).toBe(dark_mode === undefined);
  if (light_mode !== undefined) {
    for (const { part, text, panel } of measure(brand)) {
      expect(text).toBeGreaterThanOrEqual(4.5);
      expect(panel).toBeGreaterThanOrEqual(part === "controls_button" ? 3 : 1.25);
    }
  }
  for (const url of [logo_url, avatar_url]) {
    if (url !== undefined) expect(url).toMatch(/^https:\/\//);
  }
  if (title !== undefined) {
    expect(title).toMatch(/^[^\p{Cc}\p{Surrogate}]+$/u);
    expect(title.length).toBeLessThanOrEqual(80);
  }
  for (const { hex } of brand.colors) expect(hex).toMatch(/^#[\da-f]{6}$/);
  expect(new Set(brand.colors.map(({ hex }) => hex)).size).toBe(brand.colors.length);
  // What is stored as JSON must come back as it went.
  expect(JSON.parse(JSON.stringify(config))).toEqual(config);
}

describe("local sites", () => {
  it("reads name, description and logo of an organization in JSON-LD", async () => {
    const data = {
      "@context": "https://schema.org",
      "@graph": [
        { "@type": "WebSite", name: "The site", publisher: { "@id": "#org" } },
        {
          "@type": ["Organization", "Brand"],
          "@id": "#org",
          name: "Acme",
          logo: { "@id": "#logo" },
          description: "Boots since 1901",
        },
        { "@type": "ImageObject", "@id": "#logo", url: "/img/logo.png" },
      ],
    };
    const brand = await readBrand({
      "/": page(
        `<title>Boots and more | Acme</title><link rel="icon" href="/icon.png" sizes="32x32">
         <script type="application/ld+json">${JSON.stringify(data)}</script>`,
      ),
      "/img/logo.png": picture(await png("#ffffff", "#b91c1c", 300)),
      "/icon.png": picture(await png("#b91c1c", null, 32)),
    });
    expect(brand).toEqual({
      domain: "shop.example.com",
      name: "Acme",
      description: "Boots since 1901",
      colors: [
        { hex: "#b91c1c", role: "primary" },
        { hex: "#ffffff", role: "neutral" },
      ],
      logos: [
        { url: `${HOME}/img/logo.png`, type: "logo", width: 300, height: 300 },
        { url: `${HOME}/icon.png`, type: "icon", width: 32, height: 32 },
      ],
      suggestedConfig: {
        theme: "system",
        chat: {
          title: "Acme",
          logo_url: `${HOME}/img/logo.png`,
          avatar_url: `${HOME}/icon.png`,
          light_mode: {
            background_color: { user_message: "#b91c1c", controls_button: "#b91c1c" },
            text_color: { user_message: "#ffffff", controls_button: "#ffffff" },
          },
          dark_mode: expect.anything(),
        },
      },
    });
  });

  it("reads a site that has nothing but a favicon", async () => {
    const body = ico({ edge: 32, depth: 32, picture: iconBitmap(32, 32, [0x16, 0xa3, 0x4a]) });
    const brand = await readBrand({
      "/": page(""),
      "/favicon.ico": { type: "image/vnd.microsoft.icon", body },
    });
    expect(brand).toMatchObject({
      name: null,
      description: null,
      colors: [{ hex: "#16a34a", role: "primary" }],
      logos: [{ url: `${HOME}/favicon.ico`, type: "icon", width: 32, height: 32 }],
    });
    expect(brand.suggestedConfig.chat).not.toHaveProperty("title");
    expect(brand.suggestedConfig.chat.logo_url).toBe(`${HOME}/favicon.ico`);
  });

  it("reads a site whose manifest tells everything", async () => {
    const manifest = {
      name: "Acme Web App",
      short_name: "Acme",
      description: "Everything for the road",
      theme_color: "rebeccapurple",
      background_color: "#fff",
      icons: [
        { src: "mask.png", sizes: "512x512", purpose: "monochrome" },
        { src: "48.png", sizes: "48x48" },
        { src: "192.png", sizes: "192x192", purpose: "any maskable" },
        { src: 5 },
        "nonsense",
      ],
    };
    const brand = await readBrand({
      "/": page(`<link rel="manifest" href="/app/site.webmanifest">`),
      "/app/site.webmanifest": { type: "text/plain", body: `\uFEFF${JSON.stringify(manifest)}` },
      "/app/48.png": picture(await png("#663399", null, 48)),
      "/app/192.png": picture(await png("#663399", "#ffcc00", 192)),
    });
    expect(brand).toMatchObject({
      name: "Acme Web App",
      description: "Everything for the road",
      logos: [
        { url: `${HOME}/app/192.png`, type: "icon", width: 192 },
        { url: `${HOME}/app/48.png`, type: "icon", width: 48 },
      ],
    });
    expect(brand.colors).toEqual([
      { hex: "#663399", role: "primary" },
      { hex: "#ffcc00", role: "accent" },
      { hex: "#ffffff", role: "background" },
    ]);
  });

  it("reads a site that has Open Graph only", async () => {
    const brand = await readBrand({
      "/": page(
        `<meta property="og:site_name" content="Acme &amp; Daughters">
         <meta property="og:description" content="Boots">
         <meta property="og:image" content="//cdn.example.net/og.png">`,
      ),
      "/og.png": picture(await png("#0369a1", null, 400)),
    });
    expect(brand).toMatchObject({
      name: "Acme & Daughters",
      description: "Boots",
      colors: [{ hex: "#0369a1", role: "primary" }],
      logos: [{ url: "https://cdn.example.net/og.png", type: "image", width: 400, height: 400 }],
    });
    expect(brand.suggestedConfig.chat.logo_url).toBe("https://cdn.example.net/og.png");
  });

  it.each([
    ["an icon link without an address", `<link rel="icon">`],
    ["an icon link with an empty address", `<link rel="icon" href="  ">`],
    ["an icon link to the page itself", `<link rel="icon" href="#"><link rel="icon" href="#icon">`],
    ["an embedded icon", `<link rel="icon" href="data:image/png;base64,iVBORw0KGgo=">`],
    ["an icon that is not there", `<link rel="icon" href="/gone.png" sizes="192x192">`],
    ["an icon that is no picture", `<link rel="icon" href="/">`],
    ["a manifest whose icons have no address", `<link rel="manifest" href="/m.json">`],
    ["a manifest without an address", `<link rel="manifest" href="">`],
    [
      "a logo without an address",
      `<script type="application/ld+json">{"@type":"Organization","logo":{"@type":"ImageObject","url":"#"}}</script>`,
    ],
    ["a preview picture without an address", `<meta property="og:image" content="">`],
  ])("takes the favicon where a page has %s", async (_, head) => {
    const brand = await readBrand({
      "/": page(`<title>Acme</title>${head}`),
      "/m.json": {
        type: "application/manifest+json",
        body: JSON.stringify({ icons: [{ sizes: "192x192" }, { src: "" }, { src: "#" }] }),
      },
      "/favicon.ico": picture(await png("#16a34a", null, 32)),
    });
    expect(brand.logos).toEqual([
      { url: `${HOME}/favicon.ico`, type: "icon", width: 32, height: 32 },
    ]);
    const pages = site?.requests.filter(({ path }) => path === "/") ?? [];
    expect(pages).toHaveLength(head.includes(`href="/"`) ? 2 : 1);
  });

  it("does not ask for a favicon where the page has an icon of its own", async () => {
    const brand = await readBrand({
      "/": page(`<title>Acme</title><link rel="icon" href="/icon.png">`),
      "/icon.png": picture(await png("#16a34a", null, 32)),
    });
    expect(brand.logos.map(({ url }) => url)).toEqual([`${HOME}/icon.png`]);
    expect(site?.requests.map(({ path }) => path)).not.toContain("/favicon.ico");
  });

  it("takes the next picture where the first has no address", async () => {
    const logo = { "@type": "ImageObject", url: "", contentUrl: "/logo.png" };
    const brand = await readBrand({
      "/": page(
        `<meta property="og:image" content="#"><meta name="twitter:image" content="/card.png">
         <script type="application/ld+json">${JSON.stringify({ "@type": "Organization", logo })}</script>`,
      ),
      "/logo.png": picture(await png("#16a34a")),
      "/card.png": picture(await png("#2563eb")),
    });
    expect(brand.logos.map(({ url }) => url)).toEqual([`${HOME}/logo.png`, `${HOME}/card.png`]);
  });

  it("prefers a declared Open Graph logo to icons, and icons to a preview picture", async () => {
    const brand = await readBrand({
      "/": page(
        `<meta property="og:image" content="/og.png"><meta property="og:logo" content="/logo.png">
         <link rel="apple-touch-icon" href="/touch.png"><link rel="shortcut icon" href="/16.png">`,
      ),
      "/og.png": picture(await png("#ff0000")),
      "/logo.png": picture(await png("#00ff00")),
      "/touch.png": picture(await png("#0000ff")),
      "/16.png": picture(await png("#ffff00", null, 16)),
    });
    const paths = brand.logos.map(({ url, type }) => [new URL(url).pathname, type]);
    expect(paths).toEqual([
      ["/logo.png", "logo"],
      ["/touch.png", "icon"],
      ["/og.png", "image"],
      ["/16.png", "icon"],
    ]);
  });

  it("finds no brand where there is nothing at all", async () => {
    await expect(readBrand({ "/": page("", "<p>It works!</p>") })).rejects.toThrow(
      BrandNotFoundError,
    );
  });

  it("suggests the dark theme for a dark brand, with buttons that stand out from it", async () => {
    const manifest = { theme_color: "#0b0b1f", background_color: "#050510" };
    const brand = await readBrand({
      "/": page(
        `<title>Noir</title><link rel="manifest" href="/m.json">
         <link rel="icon" href="/logo.png" sizes="any">`,
      ),
      "/m.json": { body: JSON.stringify(manifest) },
      "/logo.png": picture(await png("#0b0b1f", "#e5e5e5")),
    });
    expect(brand.suggestedConfig.theme).toBe("dark");
    expect(brand.colors[0]).toEqual({ hex: "#0b0b1f", role: "primary" });
    const { light_mode, dark_mode } = brand.suggestedConfig.chat;
    expect(light_mode?.background_color.controls_button).toBe("#0b0b1f");
    expect(dark_mode?.background_color.controls_button).not.toBe("#0b0b1f");
  });

  it("suggests the dark theme for a page that declares it", async () => {
    const head = `<title>Noir</title><meta name="color-scheme" content="only dark">`;
    expect((await readBrand({ "/": page(head) })).suggestedConfig.theme).toBe("dark");
    await site?.close();
    const both = `<title>Both</title><meta name="color-scheme" content="light dark">`;
    expect((await readBrand({ "/": page(both) })).suggestedConfig.theme).toBe("system");
  });

  it("suggests readable greys for a white logo, and no picture that vanishes", async () => {
    const organization = { "@type": "Organization", name: "Blanc", logo: "/logo.png" };
    const brand = await readBrand({
      "/": page(
        `<script type="application/ld+json">${JSON.stringify(organization)}</script>
         <meta name="theme-color" content="white">`,
      ),
      "/logo.png": picture(await markOnNothing("#ffffff")),
    });
    expect(brand.colors).toEqual([{ hex: "#ffffff", role: "theme" }]);
    expect(brand.logos).toHaveLength(1);
    expect(brand.suggestedConfig.chat).not.toHaveProperty("logo_url");
    expect(measure(brand).every(({ panel }) => panel > 7)).toBe(true);
  });

  it("takes the colour from an icon when the logo is black and white", async () => {
    const organization = { "@type": "Corporation", name: "Acme", logo: ["/logo.png"] };
    const brand = await readBrand({
      "/": page(
        `<script type="application/ld+json">${JSON.stringify([organization])}</script>
         <link rel="icon" href="/icon.png" sizes="192x192">`,
      ),
      "/logo.png": picture(await markOnNothing("#ffffff")),
      "/icon.png": picture(await png("#ea580c")),
    });
    expect(brand.colors[0]).toEqual({ hex: "#ea580c", role: "primary" });
    expect(brand.suggestedConfig.chat.logo_url).toBe(`${HOME}/icon.png`);
  });

  it("keeps a pale brand colour where text can be read, and darkens it where a button would vanish", async () => {
    const brand = await readBrand({
      "/": page(`<title>Pale</title><meta name="theme-color" content="#fde68a">`),
    });
    const { light_mode, dark_mode } = brand.suggestedConfig.chat;
    expect(light_mode?.background_color.user_message).toMatch(/^#f[a-f0-9]/);
    expect(light_mode?.text_color.user_message).toBe("#111827");
    const button = color(light_mode?.background_color.controls_button);
    expect(colorfulness(button)).toBeGreaterThan(80);
    expect(dark_mode?.background_color.controls_button).toBe("#fde68a");
  });

  it("leaves the widget's own colours where a site has none", async () => {
    const brand = await readBrand({ "/": page("<title>Plain</title>") });
    expect(brand).toMatchObject({ name: "Plain", colors: [], logos: [] });
    expect(brand.suggestedConfig).toEqual({ theme: "system", chat: { title: "Plain" } });
  });

  it("reads the colours of an SVG logo without drawing it", async () => {
    const brand = await readBrand({
      "/": page(`<link rel="icon" type="image/png" href="/logo.png">`),
      // The type lies: content decides.
      "/logo.png": picture(
        Buffer.from(`<svg viewBox="0 0 24 24" xmlns="http://www.w3.org/2000/svg">
          <path fill="#7c3aed" d="M0 0h24v24z"/><image href="http://127.0.0.1/x"/></svg>`),
      ),
    });
    expect(brand.colors).toEqual([{ hex: "#7c3aed", role: "primary" }]);
    expect(brand.logos[0]).toMatchObject({ width: 24, height: 24 });
    expect(site?.requests.map(({ path }) => path)).toEqual(["/", "/logo.png"]);
  });
});

describe("names and links", () => {
  it.each([
    ["Boots | Acme", "Boots"],
    ["Buy boots - Shop", "Shop"],
    ["Acme – Boots – For all", "Acme"],
    ["Hyphen-ated name", "Hyphen-ated name"],
    ["  Spread \n over\tlines ", "Spread over lines"],
    ["Caf&eacute; &#x1F600;", "Café 😀"],
    ["A\u0000B\u202EC", "A BC"],
    ["&#xD800;Lone", "Lone"],
  ])("reads the title %j as the name %j", async (title, name) => {
    expect((await readBrand({ "/": page(`<title>${title}</title>`) })).name).toBe(name);
  });

  it("cuts long names and descriptions", async () => {
    const brand = await readBrand({
      "/": page(
        `<title>${"👩‍👩‍👧 ".repeat(200)}</title><meta name="description" content="${"x".repeat(9000)}">`,
      ),
    });
    expect(brand.name).toMatch(/^(?:👩‍👩‍👧 )+👩‍👩‍👧…$/u);
    expect(brand.description).toBe(`${"x".repeat(299)}…`);
  });

  it("takes the theme colour for light mode before the one for dark", async () => {
    const head = `<title>x</title>
      <meta name="theme-color" content="#111111" media="(prefers-color-scheme: dark)">
      <meta name="theme-color" content="#dc2626" media="(prefers-color-scheme: light)">`;
    expect((await readBrand({ "/": page(head) })).colors).toEqual([
      { hex: "#dc2626", role: "primary" },
    ]);
  });

  it("resolves links against the page's base, and leaves out what is no web address", async () => {
    const brand = await readBrand({
      "/": page(
        `<base href="https://cdn.example.net/assets/"><title>x</title>
         <link rel="icon" href="icon.png"><link rel="icon" href="data:image/png;base64,AAAA">
         <link rel="icon" href="javascript:alert(1)"><link rel="icon" href="">`,
      ),
      "/assets/icon.png": picture(await png("#2563eb")),
    });
    expect(brand.logos.map(({ url }) => url)).toEqual(["https://cdn.example.net/assets/icon.png"]);
  });

  it("suggests no address that is not https", async () => {
    const routes = {
      "/": page(`<title>Old</title><link rel="icon" href="/icon.png">`),
      "/icon.png": picture(await png("#2563eb")),
    };
    const brand = await readBrand(routes, undefined, false);
    expect(brand.logos.map(({ url }) => url)).toEqual(["http://shop.example.com/icon.png"]);
    expect(brand.suggestedConfig.chat).not.toHaveProperty("logo_url");
    expect(brand.suggestedConfig.chat).not.toHaveProperty("avatar_url");
  });

  it("asks the www name when the bare one does not answer", async () => {
    site = await serveSite({ "/": page("<title>Here</title>") });
    const resolve = async (host: string) => (host.startsWith("www.") ? ["127.0.0.1"] : []);
    const brand = await readFrom(site, { testing: { resolve } });
    expect(brand).toMatchObject({ domain: "shop.example.com", name: "Here" });
    expect(site.requests[0]?.host).toBe("www.shop.example.com");
  });
});

describe("hostile and broken sites", () => {
  it("fetches eight sub-resources at most", async () => {
    const icons = Array.from({ length: 30 }, (_, i) => `<link rel="icon" href="/${i}.png">`);
    const head = `<title>x</title><link rel="manifest" href="/m.json">${icons.join("")}`;
    await readBrand({ "/": page(head) });
    expect(site?.requests).toHaveLength(9);
  });

  it("fetches nothing inside that a page refers to", async () => {
    const head = `<title>x</title><link rel="manifest" href="http://169.254.169.254/latest">
      <link rel="icon" href="http://localhost/i.png"><link rel="icon" href="http://[::1]/i.png">
      <link rel="icon" href="https://shop.example.com:8443/i.png">`;
    const brand = await readBrand({ "/": page(head) });
    expect(brand.logos).toEqual([]);
    expect(site?.events.map(({ outcome }) => outcome)).toEqual([
      "ok",
      "address",
      "host",
      "address",
      "port",
      // The favicon of the site itself.
      "ok",
    ]);
  });

  it("keeps what the page says when a picture takes too long", async () => {
    const brand = await readBrand(
      {
        "/": page(`<title>Slow</title><link rel="icon" href="/icon.png">`),
        "/icon.png": () => {},
      },
      { subResourceTimeoutMs: 100 },
    );
    expect(brand).toMatchObject({ name: "Slow", logos: [] });
  });

  const drip: Answer = (_request, response) => {
    response.writeHead(200, { "Content-Type": "text/html" });
    const timer = setInterval(() => response.write("<p>"), 20);
    response.once("close", () => clearInterval(timer));
  };

  it("finds no brand on a server that drips", async () => {
    const work = readBrand({ "/": drip }, { budgetMs: 300 });
    await expect(work).rejects.toThrow(BrandNotFoundError);
  });

  it("reads the start of an endless page", async () => {
    const endless: Answer = (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/html" });
      response.write("<title>Endless</title>");
      const more = () => {
        while (!response.destroyed && response.write("<p>and on".repeat(2_000)));
      };
      response.on("drain", more);
      more();
    };
    expect((await readBrand({ "/": endless })).name).toBe("Endless");
  });

  it("keeps what the page says when a picture is a bomb", async () => {
    const bomb: Answer = (_request, response) => {
      response.writeHead(200, { "Content-Type": "image/png", "Content-Encoding": "gzip" });
      response.end(gzipSync(Buffer.alloc(50_000_000)));
    };
    const brand = await readBrand({
      "/": page(`<title>Boom</title><link rel="icon" href="/icon.png">`),
      "/icon.png": bomb,
    });
    expect(brand).toMatchObject({ name: "Boom", logos: [] });
  });

  it("passes over a picture of 17 megapixels and takes the next", async () => {
    const brand = await readBrand({
      "/": page(
        `<link rel="icon" href="/huge.png" sizes="256x256"><link rel="icon" href="/i.png">`,
      ),
      "/huge.png": picture(blankPng(4_250, 4_000)),
      "/i.png": picture(await png("#db2777", null, 64)),
    });
    expect(brand.logos.map(({ width }) => width)).toEqual([64]);
    expect(brand.colors).toEqual([{ hex: "#db2777", role: "primary" }]);
  });

  it("reads broken HTML as far as it goes", async () => {
    const brand = await readBrand({
      "/": {
        body: `<<html><head <meta><title>Bro<b>ken</title><link rel=icon href='/i.png'
          <meta name=theme-color content=#dc2626><script type="application/ld+json">{"@type":
          </script><script type="application/ld+json">null</script><svg><title>No`,
      },
    });
    expect(brand.name).toBe("Bro<b>ken");
  });

  it("survives deep nesting and thousands of tags", async () => {
    const body = "<div>".repeat(200_000) + "<meta name=description content=deep>".repeat(10_000);
    const brand = await readBrand({ "/": page("<title>Deep</title>", body) });
    expect(brand.name).toBe("Deep");
  });

  it.each([
    ["JSON", "application/json", `{"title":"x"}`],
    ["a picture", "image/png", "\x89PNG"],
    ["text", "text/plain", "<title>x</title>"],
    ["a download", "application/octet-stream", "<html><title>x</title>"],
  ])("finds no brand when the home page is %s", async (_what, type, body) => {
    await expect(readBrand({ "/": { type, body } })).rejects.toThrow(BrandNotFoundError);
  });

  it.each([401, 403, 404, 500, 503])("finds no brand when the site answers %i", async (status) => {
    const answer: Answer = (_request, response) => {
      response.writeHead(status, { "Content-Type": "text/html" }).end("<title>Sorry</title>");
    };
    await expect(readBrand({ "/": answer })).rejects.toThrow(BrandNotFoundError);
  });

  it("finds no brand behind a redirect loop or one that leads inside", async () => {
    for (const location of ["/", "http://127.0.0.1/", "http://169.254.169.254/latest/meta-data"]) {
      const answer: Answer = (_request, response) => {
        response.writeHead(302, { Location: location }).end();
      };
      await expect(readBrand({ "/": answer })).rejects.toThrow(BrandNotFoundError);
      await site?.close();
    }
  });

  it("finds no brand where a public name leads inside, and says nothing of what is there", async () => {
    site = await serveSite({ "/": page("<title>Inside</title>") });
    const testing = { allow: () => false };
    const error = await readFrom(site, { testing }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(BrandNotFoundError);
    expect(String(error)).not.toMatch(/127\.0\.0\.1|inside/i);
    expect(site.requests).toHaveLength(0);
  });

  it("refuses what is no public host name before anything is asked for", async () => {
    site = await serveSite({ "/": page("<title>x</title>") });
    const reader = new BrandReader(new SafeFetcher(site.options()));
    for (const domain of ["127.0.0.1", "localhost", "0x7f.1", "a.local", "shop.example.com:80"]) {
      await expect(reader.read(domain)).rejects.toThrow(InvalidDomainError);
    }
    expect(site.requests).toHaveLength(0);
    expect(site.events).toHaveLength(0);
  });
});

describe("character sets", () => {
  const café = (encoding: BufferEncoding, declaration = "") =>
    Buffer.from(`<html><head>${declaration}<title>Café Zoë</title></head></html>`, encoding);
  const mark = Buffer.from([0xff, 0xfe]);

  it.each([
    ["the header names it", "text/html; charset=ISO-8859-1", café("latin1")],
    ["the header quotes it", 'text/html; charset="utf-8"', café("utf8")],
    ["a meta names it", "text/html", café("latin1", `<meta charset="windows-1252">`)],
    [
      "an old meta names it",
      "text/html",
      café("latin1", `<meta http-equiv=Content-Type content="text/html; charset=iso-8859-15">`),
    ],
    ["nothing names it and it is UTF-8", "text/html", café("utf8")],
    ["nothing names it and it is not", "text/html", café("latin1")],
    ["the header is wrong", "text/html; charset=utf-8", café("latin1")],
    ["the header is nonsense", "text/html; charset=klingon", café("utf8")],
    ["a meta claims UTF-16", "text/html", café("utf8", `<meta charset="utf-16">`)],
    [
      "a byte order mark contradicts",
      "text/html; charset=latin1",
      Buffer.from("\uFEFF<title>Café Zoë"),
    ],
    ["it is UTF-16 with a mark", "text/html", Buffer.concat([mark, café("utf16le")])],
  ])("decodes a page when %s", async (_when, type, body) => {
    expect((await readBrand({ "/": { type, body } })).name).toBe("Café Zoë");
  });

  it("decodes other scripts", async () => {
    const body = Buffer.concat([
      Buffer.from("<title>"),
      Buffer.from([0x93, 0xfa, 0x96, 0x7b]),
      Buffer.from("</title>"),
    ]);
    const brand = await readBrand({ "/": { type: "text/html; charset=Shift_JIS", body } });
    expect(brand.name).toBe("日本");
  });
});
