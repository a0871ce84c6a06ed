import type { InAnyLanguage } from "../../protocol/catalogue.js";
import type { CATALOGUE as ENGLISH } from "./widget-pages-en.js";

/** What the pages of one widget say, in German. */
export const CATALOGUE: InAnyLanguage<typeof ENGLISH> = {
  widgetPages: {
    pages: "Seiten dieses Widgets",
    toWidgets: "Zu den Widgets",
    install: "Einbauen",
    gone: "Dieses Widget gibt es nicht",
    goneHelp: "Es wurde gelöscht, oder die Adresse ist falsch geschrieben.",
  },
  install: {
    title: "Auf deine Website bringen",
    about:
      "Füge eine Zeile ein, und das Widget ist da. Es lädt neben deiner Seite und hält sie nie auf.",
    snippet: "Das Snippet",
    where: "Wo kommt es hin?",
    html: "Füge es auf jeder Seite, die das Widget zeigen soll, vor </body> ein.",
    wordpress:
      "Installiere ein Plugin wie WPCode. Wähle Code Snippets, dann Header & Footer, und füge es in das Feld Footer ein.",
    shopify:
      "Öffne Onlineshop, Themes, dann Code bearbeiten. Füge es in theme.liquid vor </body> ein.",
    webflow:
      "Öffne Site settings, Custom code. Füge es in Footer code ein, speichere und veröffentliche die Website.",
    wix: "Öffne Einstellungen, Benutzerdefinierter Code. Füge es ein, wähle alle Seiten und das Ende des Body.",
    squarespace:
      "Öffne Website, Seiten, Website-Tools, Code-Injektion. Füge es in die Fußzeile ein.",
    tagManager:
      "Lege ein Tag vom Typ Benutzerdefiniertes HTML an, füge es ein, wähle den Trigger All Pages und sende es ab.",
    react:
      "In React füge es in index.html vor </body> ein. In Next.js nimm Script aus next/script in app/layout, mit demselben src.",
  },
};
