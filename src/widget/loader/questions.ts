import { drawIcon, make } from "./elements.js";

const CROSS = "m7 7 10 10M17 7 7 17";

/** What a visitor may ask with one click, and the cross that waves it away. */
export function drawQuestions(
  questions: string[],
  launcher: HTMLElement,
  run: (command: "send" | "dismiss", text?: string) => void,
  isEnglish: boolean,
): HTMLElement {
  const list = make("div", { className: "list" });
  if (questions[0]) {
    const onclick = (): void => {
      list.textContent = "";
      launcher.focus();
      run("dismiss");
    };
    list.append(
      make(
        "button",
        { className: "cross", title: isEnglish ? "Hide suggestions" : "×", onclick },
        drawIcon(CROSS),
      ),
      ...questions.map((question) => {
        const ask = (): void => run("send", question);
        return make("button", { className: "chip", dir: "auto", onclick: ask }, question);
      }),
    );
  }
  return list;
}
