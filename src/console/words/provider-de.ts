import type { InAnyLanguage } from "../../protocol/catalogue.js";
import type { CATALOGUE as ENGLISH } from "./provider-en.js";

/** What is said of the company's provider of sign-in, in German. */
export const CATALOGUE: InAnyLanguage<typeof ENGLISH> = {
  provider: {
    goOn: "Weiter mit {name}",
    or: "oder",
    title: "Mit {name} anmelden",
    about: "Das Konto deiner Firma öffnet auch die Konsole.",
    on: "Verbunden",
    off: "Nicht verbunden",
    connect: "{name} verbinden",
    disconnect: "{name} trennen",
    disconnectTitle: "{name} trennen?",
    disconnectText: "Von da an meldest du dich ohne {name} an.",
    needsPassword: "Anders kannst du dich nicht anmelden: Setze zuerst ein Passwort.",
    again:
      "Bevor ein Geheimnis entsteht oder gezeigt wird, fragt {name} dich noch einmal, wer du bist. Du kommst auf diese Seite zurück und beginnst noch einmal mit dem, was du vorhattest.",
  },
  providerResult: {
    good: "Das hat geklappt",
    bad: "Das hat nicht geklappt",
    connected: "Von jetzt an kannst du dich mit {name} anmelden.",
    confirmed: "Du bist es. 15 Minuten lang geht, was du vorhattest.",
    already_connected: "Ein anderes Konto bei {name} ist verbunden. Trenne es zuerst.",
    cancelled: "Die Anmeldung bei {name} wurde abgebrochen.",
    start_again:
      "Diese Anmeldung ist abgelaufen oder wurde in einem anderen Browser begonnen. Beginne noch einmal.",
    unavailable: "{name} ist gerade nicht erreichbar. Versuche es gleich noch einmal.",
    refused:
      "Der Antwort von {name} ist nicht zu trauen. Kommt das wieder vor, sage es denen, die Parley betreiben.",
    not_invited:
      "Noch hat dich niemand eingeladen. Bitte jemanden aus der Verwaltung um eine Einladung.",
    email_not_verified:
      "{name} sagt nicht, dass deine E-Mail-Adresse dir gehört. Frage die, die es betreiben.",
    account_exists:
      "Es gibt ein Konto mit deiner E-Mail-Adresse. Melde dich dort an wie bisher und verbinde {name} auf deiner Seite.",
    taken: "Dieses Konto bei {name} ist hier mit jemand anderem verbunden.",
    another_person: "Das ist nicht das Konto bei {name}, das hier verbunden ist.",
    not_asked_again:
      "{name} hat dich nicht noch einmal gefragt, wer du bist. Melde dich dort ab und versuche es dann noch einmal.",
    too_many: "Zu viele Versuche. Warte ein paar Minuten und versuche es dann noch einmal.",
  },
};
