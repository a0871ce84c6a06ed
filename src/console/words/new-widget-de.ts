import type { InAnyLanguage } from "../../protocol/catalogue.js";
import type { CATALOGUE as ENGLISH } from "./new-widget-en.js";

/** What the four steps to a new widget say, in German. */
export const CATALOGUE: InAnyLanguage<typeof ENGLISH> = {
  newWidget: {
    title: "Neues Widget",
    about:
      "Vier Schritte zu einem Agenten auf deiner Website. Was du einträgst, bleibt in diesem Tab erhalten.",
    agentStep: "Wer",
    websiteStep: "Wo",
    lookStep: "Aussehen",
    publishStep: "Veröffentlichen",
    next: "Weiter",
    back: "Zurück",
    agentTitle: "Wer antwortet?",
    agentAbout: "Besucher sprechen mit der neuesten veröffentlichten Version dieses Agenten.",
    agentUnpublished:
      "Dieser Agent hat noch keine veröffentlichte Version. Veröffentliche eine, oder wähle einen anderen.",
    noAgents: "Noch keine Agenten",
    noAgentsHelp:
      "Ein Widget braucht einen, der antwortet. Lege ihn zuerst über die API an und veröffentliche ihn.",
    websiteTitle: "Wo ist es zu sehen?",
    websiteAbout:
      "Nur diese Websites dürfen das Widget zeigen. Die erste leiht ihm Namen und Farben.",
    websites: "Adressen",
    websitesHelp: "Eine je Zeile, etwa shop.example.com. Leer: Jede Website darf es zeigen.",
    lookTitle: "Wie sieht es aus?",
    lookAbout: "Was auf der Farbe steht, bleibt lesbar, im Hellen und im Dunkeln.",
    heading: "Titel",
    headingHelp: "Über dem Gespräch.",
    greeting: "Begrüßung",
    greetingHelp: "Zu sehen, bevor etwas gesagt ist.",
    color: "Farbe",
    pickColor: "Vom Bildschirm nehmen",
    noColor: "Das ist keine Farbe.",
    position: "Ecke der Seite",
    left: "Links",
    right: "Rechts",
    publishTitle: "Bereit für Besucher?",
    publishAbout:
      "Ab jetzt können Besucher von {websites} mit ihm sprechen, sobald das Snippet dort ist.",
    publishAnywhere: "Ab jetzt können Besucher mit ihm sprechen, wo immer das Snippet ist.",
    publish: "Veröffentlichen",
    giveUp: "Aufgeben",
    giveUpTitle: "Dieses Widget aufgeben?",
    giveUpHelp: "Was du eingetragen hast, geht verloren, und mit ihm das begonnene Widget.",
  },
};
