import type { InAnyLanguage } from "../../protocol/catalogue.js";
import type { CATALOGUE as ENGLISH } from "./audit-en.js";

/** What the page of the audit log says beside its title, in German. */
export const CATALOGUE: InAnyLanguage<typeof ENGLISH> = {
  auditLog: {
    about: "Jede Änderung an der Organisation: wer, wann, auf welchem Weg, vorher und nachher.",
    filters: "Nur zeigen",
    action: "Aktion",
    actor: "Von (Kennung)",
    subject: "Woran (Kennung)",
    from: "Vom",
    to: "Bis zum",
    clear: "Leeren",
    showAll: "Alles zeigen",
    none: "Noch wurde nichts geändert",
    noneHelp: "Jede Änderung von jetzt an steht hier.",
    noneFound: "Nichts dergleichen",
    noneFoundHelp: "Wähle andere Tage, oder zeige alles.",
    viaConsole: "In der Konsole",
    viaGraphql: "Über GraphQL",
    viaRest: "Über REST",
    viaCommandLine: "An der Kommandozeile des Servers",
    request: "Anfrage",
    onlyAction: "Nur diese Aktion",
    onlyActor: "Nur von dort",
    onlySubject: "Nur hieran",
    noChanges: "Kein Feld hat einen anderen Wert.",
    changes: "Was anders wurde",
    path: "Was",
    before: "Vorher",
    after: "Nachher",
    operator: "Der Betrieb",
    nobody: "Jemand, den es nicht mehr gibt",
  },
};
