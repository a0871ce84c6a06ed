/** What the pages of one widget say, in English. */
export const CATALOGUE = {
  widgetPages: {
    pages: "Pages of this widget",
    toWidgets: "To the widgets",
    install: "Install",
    gone: "This widget is not there",
    goneHelp: "It was deleted, or the address is mistyped.",
  },
  install: {
    title: "Put it on your website",
    about:
      "Paste one line, and the widget is there. It loads beside your page and never holds it up.",
    snippet: "The snippet",
    where: "Where does it go?",
    html: "Paste it before </body> on each page that is to show the widget.",
    wordpress:
      "Install a plugin such as WPCode. Choose Code Snippets, then Header & Footer, and paste it into the Footer field.",
    shopify:
      "Open Online Store, Themes, then Edit code. Paste it into theme.liquid, before </body>.",
    webflow:
      "Open Site settings, Custom code. Paste it into Footer code, save, and publish the site.",
    wix: "Open Settings, Custom Code, Add Custom Code. Paste it, choose All pages and Body – end.",
    squarespace: "Open Website, Pages, Website Tools, Code Injection. Paste it into Footer.",
    tagManager:
      "Add a tag of the type Custom HTML, paste it, choose the trigger All Pages, and submit.",
    react:
      "In React paste it into index.html, before </body>. In Next.js use Script of next/script in app/layout, with the same src.",
  },
} as const;
