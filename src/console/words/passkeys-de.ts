import type { InAnyLanguage } from "../../protocol/catalogue.js";
import type { CATALOGUE as ENGLISH } from "./passkeys-en.js";

/** What a person's own page says of passkeys, in German. */
export const CATALOGUE: InAnyLanguage<typeof ENGLISH> = {
  passkeys: {
    title: "Passkeys",
    about:
      "Melde dich mit Fingerabdruck, Gesicht oder PIN eines Geräts an statt mit einem Passwort. Ein Code ist dann nicht nötig.",
    none: "Du hast noch keinen.",
    add: "Passkey hinzufügen",
    addAbout:
      "Dein Browser bittet dich, mit diesem Gerät, einem Telefon oder einem Sicherheitsschlüssel zu bestätigen.",
    addAction: "Weiter",
    nameHelp: "Wo er ist, etwa „Mein Laptop“.",
    added: "Hinzugefügt {moment}",
    lastUsed: "Zuletzt benutzt {moment}",
    neverUsed: "Noch nicht benutzt",
    rename: "Umbenennen",
    remove: "Entfernen",
    removeTitle: "{name} entfernen?",
    removeHelp:
      "Er meldet dich nicht mehr an, und du wirst überall sonst abgemeldet. Entferne ihn auch auf dem Gerät.",
    elsewhere:
      "Passkeys gehören zu einem Namen, und eine Adresse aus Zahlen ist keiner. Öffne die Konsole hier:",
    nowhere:
      "Hier gibt es keine: Sie brauchen einen Hostnamen und https, was der Betreiber als PUBLIC_URL oder CONSOLE_URL einstellt.",
    unknown: "Dieser Browser kennt keine Passkeys. Ein neuerer schon.",
  },
};
