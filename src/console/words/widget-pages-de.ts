import type { InAnyLanguage } from "../../protocol/catalogue.js";
import type { CATALOGUE as ENGLISH } from "./widget-pages-en.js";

/** What the pages of one widget say, in German. */
export const CATALOGUE: InAnyLanguage<typeof ENGLISH> = {
  widgetPages: {
    pages: "Seiten dieses Widgets",
    toWidgets: "Zu den Widgets",
    edit: "Gestalten",
    access: "Zugang",
    history: "Verlauf",
    install: "Einbauen",
    gone: "Dieses Widget gibt es nicht",
    goneHelp: "Es wurde gelöscht, oder die Adresse ist falsch geschrieben.",
  },
  widgetHistory: {
    title: "Was es war",
    about:
      "Jedes Speichern dieses Widgets, das neueste zuerst. Die letzten 200 bleiben. Sicherheit und Grenzen gehören nicht dazu.",
    number: "Stand {number}",
    now: "So ist es jetzt",
    older: "Bevor Stände festgehalten wurden",
    rollBack: "Hierhin zurück",
    rollBackTitle: "Zurück zu Stand {number}?",
    rollBackHelp:
      "Agent, Websites, Aussehen und Verhalten sind wieder wie nach diesem Speichern, für Besucher sofort. Ob es veröffentlicht ist, bleibt, wie es ist. Das ist selbst ein Stand, von dem du wieder zurück kannst.",
    rolledBack: "Das Widget ist wieder wie in Stand {number}.",
    agentGone:
      "Den Agenten von damals oder diese Version von ihm gibt es nicht mehr. Wähle einen anderen Stand.",
    none: "Noch nichts gespeichert",
    noneHelp: "Das nächste Speichern dieses Widgets ist das erste hier.",
  },
  widgetAccess: {
    change: "Deine Rolle sieht diese Seite und ändert nichts auf ihr.",
    hidden: "Deine Rolle sieht die Sicherheitseinstellungen nicht. Frage die Verwaltung.",
    saved: "Gespeichert",
    discard: "Verwerfen",
    publishTitle: "Besucher",
    publishedAbout: "Das Widget ist veröffentlicht: Hier steht, was Besucher fernhält.",
    liveAbout: "Das Widget ist veröffentlicht, und Besucher können mit ihm sprechen.",
    unpublishedAbout: "Das Widget ist nicht veröffentlicht: Kein Besucher sieht es.",
    publish: "Veröffentlichen",
    unpublish: "Zurückziehen",
    unpublishTitle: "„{name}“ zurückziehen?",
    unpublishHelp:
      "Es verschwindet von deinen Websites. Laufende Gespräche enden, und alle Besucher werden abgemeldet.",
    blocks: "Hält Besucher fern",
    warns: "Gut zu wissen",
    versionNotPublishedHelp:
      "Veröffentliche diese Version des Agenten, oder wähle eine veröffentlichte.",
    strictWithoutDomainsHelp: "Die Websites eintragen, die es zeigen dürfen",
    identityWithoutSecretHelp: "Ein Geheimnis für Identitäten erzeugen",
    anyDomainHelp: "Deine Websites eintragen, wenn nicht jede es zeigen soll",
    agentInactiveHelp:
      "Der Agent antwortet weiter. Kennzeichne ihn als genutzt, oder wähle einen anderen.",
    agentDownHelp:
      "Besucher würden auf eine Antwort warten. Wer Parley betreibt, sieht den Grund im Protokoll.",
    domains: "Websites, die es zeigen dürfen",
    domainsAbout:
      "Genau diese: jede mit Protokoll, Host und Port, ohne Pfad. Andere werden abgewiesen.",
    anyDomain: "Keine Website ist eingetragen: Jede Website darf dieses Widget zeigen.",
    domain: "Adresse {number}",
    domainRefused: "Das ist keine Website. Schreibe sie als https://shop.example.com.",
    removeDomain: "Adresse {number} entfernen",
    addDomain: "Website hinzufügen",
    security: "Sicherheit",
    strict: "Streng",
    strictHelp:
      "Ein Gespräch beginnt nur über das Snippet auf einer eingetragenen Website, und wer es fortsetzt, muss zeigen, dass es seines ist. Programme, die nur die Id des Widgets kennen, werden abgewiesen.",
    identity: "Wer ist der Besucher?",
    identityOff: "Wer er sagt, dass er ist",
    identityOffHelp: "Ein Name ist ein Etikett. Er öffnet nichts.",
    identityOptional: "Von deinem Server signiert, wo er signiert",
    identityOptionalHelp:
      "Für wen dein Server signiert, der gilt als bestätigt und hat seine Gespräche auf jedem Gerät. Andere sprechen als Gäste.",
    identityRequired: "Immer von deinem Server signiert",
    identityRequiredHelp: "Niemand spricht ohne die Signatur deines Servers.",
    secretTitle: "Geheimnis für Identitäten",
    secretAbout:
      "Damit signiert dein Server für seine Besucher. Es gehört nur auf den Server, nie in eine Seite.",
    secretMake: "Neues Geheimnis erzeugen",
    secretQuestion: "Ein neues Geheimnis erzeugen?",
    secretHelp:
      "Das jetzige gilt noch eine Stunde, damit dein Server wechseln kann. Das davor endet sofort.",
    secretShown: "Das neue Geheimnis",
    secret: "Geheimnis",
    previousUntil: "Das vorige Geheimnis gilt noch bis {moment}.",
    samples: "So signiert dein Server",
    samplesHelp:
      "Ein gewöhnliches JWT mit HS256: „sub“ ist der Besucher, „exp“ liegt höchstens 24 Stunden voraus. Deine Seite reicht es weiter:",
    usage: "Nutzung und Grenzen",
    usageAbout: "Seit {moment}. Ein Tag ist einer in UTC.",
    talksNow: "Gespräche jetzt",
    minutesToday: "Minuten heute",
    tokensToday: "Tokens heute",
    ofLimit: "{used} von {limit}",
    noLimit: "{used}, keine Grenze",
    reserved: "Laufende Gespräche dürfen noch {reserved} nutzen.",
    talksToday: "Gespräche heute: {count}",
    refusedToday: "Heute abgewiesen: {count}",
    limits: "Grenzen",
    limitsAbout:
      "Was leer ist, hat die Vorgabe des Betriebs, die in Grau dasteht, oder keine Grenze. Die Grenzen der Organisation gelten daneben.",
    unlimited: "Keine Grenze",
    concurrentTalks: "Gespräche zur selben Zeit",
    talkMinutes: "Minuten eines Gesprächs",
    talkTurns: "Nachrichten in einem Gespräch",
    talkTokens: "Tokens in einem Gespräch",
    minutesPerDay: "Minuten am Tag",
    tokensPerDay: "Tokens am Tag",
    startsPerMinute: "Beginne in der Minute",
    danger: "Endgültiges",
    signOut: "Alle Besucher abmelden",
    signOutAbout: "Laufende Gespräche enden, und niemand ist mehr bekannt. Das Widget bleibt.",
    signOutTitle: "Alle Besucher abmelden?",
    signOutHelp:
      "Jedes laufende Gespräch endet, und kein Besucher kann ein früheres fortsetzen. Neu beginnen können sie sofort.",
    signedOut: "Alle Besucher sind abgemeldet.",
    remove: "Widget löschen",
    removeAbout: "Es verschwindet von deinen Websites. Seine Gespräche bleiben in der Liste.",
    removeTitle: "„{name}“ löschen?",
    removeHelp:
      "Besucher sehen es nicht mehr, und ihre Gespräche enden. Seine Einstellungen kommen nicht zurück; seine Gespräche bleiben.",
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
