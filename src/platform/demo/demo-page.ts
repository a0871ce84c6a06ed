/** A small shop, so that a newcomer sees the widget where it belongs: on somebody's website. */
export function demoHtml(widgetId: string, publicPath: string): string {
  const products = PRODUCTS.map(productHtml).join("\n");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Harbour Coffee · roasted by the sea</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${publicPath}/demo/shop.css">
<script async src="${publicPath}/public/embed/${widgetId}"></script>
</head>
<body>
<p class="notice">This is a demonstration shop. The bubble in the corner is Parley: ask it something, by text or by voice.</p>
<header>
  <a class="brand" href="${publicPath}/demo">Harbour Coffee</a>
  <nav aria-label="Shop"><a href="#coffees">Coffees</a><a href="#story">Our story</a><a href="#visit">Visit</a></nav>
</header>
<main>
  <section class="hero">
    <h1>Roasted on Tuesdays,<br>at your door by Thursday.</h1>
    <p>Small lots from eleven farms that we know by name, roasted a few steps from the water.</p>
    <p><a class="button" href="#coffees">See this week’s coffees</a></p>
  </section>
  <section id="coffees" aria-labelledby="coffees-title">
    <h2 id="coffees-title">This week’s coffees</h2>
    <ul class="products">
${products}
    </ul>
  </section>
  <section id="story" class="columns" aria-labelledby="story-title">
    <h2 id="story-title">Our story</h2>
    <p>We began in 2011 with one second-hand roaster in a boat shed. The shed is still ours, and so is the rule that
    nothing leaves it before somebody has tasted it. We publish what we pay for every lot.</p>
  </section>
  <section id="visit" class="columns" aria-labelledby="visit-title">
    <h2 id="visit-title">Visit</h2>
    <p>Tuesday to Saturday, 9 am to 5 pm. Orders placed before 2 pm leave the same day; unopened bags can come back
    within 30 days.</p>
  </section>
</main>
<footer>Harbour Coffee is made up; the conversation is real.</footer>
</body>
</html>
`;
}

interface Product {
  readonly name: string;
  readonly notes: string;
  readonly price: string;
  /** Names a colour in the style sheet. */
  readonly tint: string;
}

const PRODUCTS: readonly Product[] = [
  { name: "Night Ferry", notes: "Dark chocolate, roasted almond", price: "€ 13", tint: "night" },
  { name: "Breakwater", notes: "Hazelnut, brown sugar", price: "€ 14", tint: "break" },
  { name: "First Light", notes: "Jasmine, apricot, lime", price: "€ 16", tint: "light" },
  { name: "Still Water", notes: "Plum, cocoa. Decaffeinated", price: "€ 15", tint: "still" },
];

function productHtml({ name, notes, price, tint }: Product): string {
  return `      <li>
        <div class="bag ${tint}" aria-hidden="true"><span>${name}</span></div>
        <h3>${name}</h3>
        <p>${notes}</p>
        <p class="price">${price} <small>250 g</small></p>
      </li>`;
}

export const DEMO_CSS = `
:root { --ink: #17211f; --soft: #5b6967; --paper: #f7f4ee; --card: #fffdf9; --line: #e2dccf; --sea: #1f5f5b; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #eef2f0; --soft: #a5b3b0; --paper: #101817; --card: #182321; --line: #2a3835; --sea: #7fc8bf; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 17px/1.6 ui-serif, Georgia, "Times New Roman", serif; }
.notice { margin: 0; padding: .6rem 1.5rem; background: var(--sea); color: var(--paper); font: 14px/1.5 system-ui, sans-serif; text-align: center; }
header, main, footer { max-width: 66rem; margin-inline: auto; padding-inline: 1.5rem; }
header { display: flex; flex-wrap: wrap; gap: 1rem 2rem; align-items: baseline; justify-content: space-between; padding-block: 1.75rem; }
.brand { font-size: 1.35rem; font-weight: 600; letter-spacing: -.01em; color: inherit; text-decoration: none; }
nav { display: flex; gap: 1.5rem; font: 15px/1.5 system-ui, sans-serif; }
nav a { color: var(--soft); text-decoration: none; }
nav a:hover { color: var(--ink); }
.hero { padding-block: 4.5rem 4rem; border-block: 1px solid var(--line); }
h1 { margin: 0 0 1rem; font-size: clamp(2.2rem, 6vw, 4rem); line-height: 1.08; letter-spacing: -.025em; font-weight: 600; }
.hero p { max-width: 34rem; color: var(--soft); font-size: 1.15rem; }
.button { display: inline-block; padding: .75rem 1.4rem; border-radius: 999px; background: var(--sea); color: var(--paper); font: 600 15px/1.4 system-ui, sans-serif; text-decoration: none; }
section + section { padding-block: 3rem; border-block-end: 1px solid var(--line); }
h2 { margin: 0 0 1.5rem; font-size: 1.6rem; letter-spacing: -.015em; }
.products { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1.5rem; margin: 0; padding: 0; list-style: none; }
.products h3 { margin: 1rem 0 0; font-size: 1.1rem; }
.products p { margin: 0; color: var(--soft); font: 15px/1.5 system-ui, sans-serif; }
.products .price { margin-block-start: .35rem; color: var(--ink); font-weight: 600; }
.products small { color: var(--soft); font-weight: 400; }
.bag { display: grid; place-items: end start; aspect-ratio: 4 / 5; padding: 1.1rem; border-radius: 14px; color: #fff; font-size: 1.2rem; line-height: 1.2; }
.night { background: linear-gradient(160deg, #24363f, #10181d); }
.break { background: linear-gradient(160deg, #8a6a4b, #523a26); }
.light { background: linear-gradient(160deg, #d99a5a, #a2522f); }
.still { background: linear-gradient(160deg, #3f7f86, #1f4a52); }
.columns { display: grid; grid-template-columns: minmax(10rem, 1fr) 2fr; gap: 1.5rem; }
.columns p { margin: 0; max-width: 38rem; color: var(--soft); }
footer { padding-block: 2.5rem 7rem; color: var(--soft); font: 14px/1.5 system-ui, sans-serif; }
@media (max-width: 40rem) { .columns { grid-template-columns: 1fr; gap: .5rem; } .hero { padding-block: 3rem; } }
`;
