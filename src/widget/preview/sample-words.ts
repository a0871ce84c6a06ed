import { LONG_ANSWER, SAMPLE_CONSENT } from "../gallery/contents.js";
import type { Told } from "../gallery/in-words.js";

/**
 * What is made up for the preview, in a language that there are words in; else in English.
 *
 * @param language a BCP 47 tag, as the panel speaks
 */
export function sampleWords(language: string): Told {
  const [primary] = language.split("-");
  if (primary !== "de") return (text) => text;
  return (text) => GERMAN.get(text) ?? text;
}

/** By the text in English. */
export const GERMAN: ReadonlyMap<string, string> = new Map([
  [
    SAMPLE_CONSENT,
    "In diesem Chat antwortet eine KI. Was du hier schreibst oder sagst, wird so lange aufbewahrt, wie wir es für die Antwort brauchen: Siehe [unsere Datenschutzhinweise](https://shop.example/privacy).",
  ],
  ["Hello", "Hallo"],
  ["Hello!", "Hallo!"],
  [
    "Hello, this is Nordhaus. How may I help you?",
    "Hallo, hier ist Nordhaus. Wie kann ich helfen?",
  ],
  ["Where is my order?", "Wo ist meine Bestellung?"],
  ["What is its number?", "Welche Nummer hat sie?"],
  ["It is 20260317.", "Es ist die 20260317."],
  ["Which chairs fit a small kitchen?", "Welche Stühle passen in eine kleine Küche?"],
  [
    LONG_ANSWER,
    `Wir haben **drei Stühle**, die in eine kleine Küche passen:

1. *Fjord*: Eiche, 45 cm breit, [ansehen](https://nordhaus.example/fjord)
2. *Vik*: stapelbar, vier Farben
3. *Sund*: mit Armlehnen

> Alle sind in Oslo auf Lager.

| Stuhl | Breite | Preis |
| --- | ---: | ---: |
| Fjord | 45 cm | 249 € |
| Vik | 42 cm | 179 € |
| Sund | 58 cm | 329 € |`,
  ],
  ["The Fjord, please.", "Den Fjord, bitte."],
  [
    "A good choice. Shall I put it into your basket?",
    "Eine gute Wahl. Soll ich ihn in den Warenkorb legen?",
  ],
  ["Which chair would you take?", "Welchen Stuhl würdest du nehmen?"],
  ["For a small kitchen? The Fjord, I think.", "Für eine kleine Küche? Den Fjord, denke ich."],
  ["And in which colour?", "Und in welcher Farbe?"],
  ["The Fjord is the one that most people", "Der Fjord ist der, den die meisten"],
  ["Please show me.", "Zeig es mir bitte."],
  ["Here it is:", "Hier ist es:"],
  ["You may like", "Das könnte dir gefallen"],
  ["Fjord chair", "Stuhl Fjord"],
  ["From 249 €", "Ab 249 €"],
  ["Oak, with a woven seat.", "Eiche, mit geflochtenem Sitz."],
  ["Halo lamp", "Lampe Halo"],
  ["From 119 €", "Ab 119 €"],
  ["Warm light, dimmable.", "Warmes Licht, dimmbar."],
  ["Stella table", "Tisch Stella"],
  ["From 499 €", "Ab 499 €"],
  ["Seats six.", "Für sechs Personen."],
  ["Choose", "Wählen"],
  ["Plan your visit", "Plane deinen Besuch"],
  ["Your name", "Dein Name"],
  ["Email", "E-Mail"],
  ["Phone number", "Telefonnummer"],
  ["How many people?", "Wie viele Personen?"],
  ["Day of the visit", "Tag des Besuchs"],
  ["Showroom", "Ausstellung"],
  ["What interests you?", "Was interessiert dich?"],
  ["Chairs and sofas", "Stühle und Sofas"],
  ["Lamps", "Lampen"],
  ["Tables", "Tische"],
  ["How do you like our site?", "Wie gefällt dir unsere Website?"],
  ["Would you recommend us?", "Würdest du uns empfehlen?"],
  ["Anything else?", "Sonst noch etwas?"],
  ["I agree to the house rules.", "Ich stimme der Hausordnung zu."],
  ["How did we do?", "Wie waren wir?"],
  ["Your rating", "Deine Bewertung"],
  ["What could be better?", "Was könnte besser sein?"],
  [
    "Can I return a lamp that I have bought in Oslo?",
    "Kann ich eine Lampe zurückgeben, die ich in Oslo gekauft habe?",
  ],
  ["Do you deliver to Bergen?", "Liefert ihr nach Bergen?"],
  [
    "I have looked at all of your chairs, and at the tables too, and I would like to know which of them would go together in a room that has little light and a dark floor",
    "Ich habe mir alle eure Stühle angesehen, und die Tische auch, und wüsste gern, welche davon in einem Zimmer mit wenig Licht und dunklem Boden zusammenpassen",
  ],
]);
