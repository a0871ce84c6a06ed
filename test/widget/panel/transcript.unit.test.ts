import { describe, expect, it } from "vitest";
import type { Show } from "../../../src/widget/panel/card.js";
import { Transcript, type Caption, type Entry } from "../../../src/widget/panel/transcript.js";

const caption = (part: Partial<Caption>): Caption => ({
  segment: "s1",
  role: "agent",
  text: "",
  isFinal: false,
  mode: "text",
  ...part,
});

describe("the transcript", () => {
  it("lets a caption grow in its place and reports it once, when it is whole", () => {
    const transcript = new Transcript();
    expect(transcript.hear(caption({ text: "Hel" }))).toBeUndefined();
    expect(transcript.hear(caption({ text: "Hello" }))).toBeUndefined();
    expect(transcript.hear(caption({ text: "Hello!", isFinal: true }))?.text.value).toBe("Hello!");
    expect(transcript.hear(caption({ text: "Hello!", isFinal: true }))).toBeUndefined();
    expect(transcript.hear(caption({ text: "Hel" }))).toBeUndefined();
    expect(texts(transcript)).toEqual(["agent: Hello!"]);
  });

  it("keeps both speakers in the order in which they began, whichever mode they use", () => {
    const transcript = new Transcript();
    transcript.say("typed");
    transcript.hear(caption({ role: "user", segment: "u", text: "spo", mode: "voice" }));
    transcript.hear(caption({ segment: "a", text: "answer" }));
    transcript.hear(
      caption({ role: "user", segment: "u", text: "spoken", isFinal: true, mode: "voice" }),
    );
    expect(texts(transcript)).toEqual(["user: typed", "user: spoken", "agent: answer"]);
  });

  it("does not show silence, and puts history before what is new", () => {
    const transcript = new Transcript();
    transcript.hear(caption({ text: "  " }));
    transcript.say("new");
    transcript.restore([{ role: "agent", text: "old", mode: "text" }]);
    expect(texts(transcript)).toEqual(["agent: old", "user: new"]);
  });

  it("shows the same card once, however often it is sent", () => {
    const transcript = new Transcript();
    const show = {
      id: "1",
      kind: "card",
      card: { type: "info", title: "T", text: undefined, tone: "info" },
    } as const;
    expect(transcript.show(show)).toBeDefined();
    expect(transcript.show(show)).toBeUndefined();
    expect(transcript.entries.value).toHaveLength(1);
  });

  it("puts cards of an earlier visit back among its messages, once, answered ones closed", () => {
    const transcript = new Transcript();
    const card = (id: string): Show => ({
      id,
      kind: "card",
      card: { type: "info", title: id, text: undefined, tone: "info" },
    });
    transcript.show(card("again"));
    transcript.restore(
      [
        { role: "user", text: "one", mode: "text" },
        { role: "agent", text: "two", mode: "text" },
      ],
      [
        { show: card("a"), after: 1, answer: { action: "yes" } },
        { show: card("b"), after: 1, answer: undefined },
        { show: card("again"), after: 2, answer: undefined },
        { show: card("c"), after: 9, answer: undefined },
        { show: card("d"), after: 3, answer: undefined },
      ],
    );
    expect(transcript.entries.value.map(describeEntry)).toEqual([
      "one",
      "card-a answered",
      "card-b open",
      "two",
      "card-c open",
      "card-d open",
      "card-again open",
    ]);
  });

  it("settles what nobody will finish, and has it said anew in its place by who comes next", () => {
    const transcript = new Transcript();
    const state = (): unknown => {
      const [entry] = transcript.entries.value;
      return entry?.kind === "message" && entry.state.value;
    };
    transcript.hear(caption({ text: "Half a sen" }));
    transcript.settle();
    expect(state()).toBe("cut");
    transcript.hear(caption({ text: "A" }));
    expect([state(), ...texts(transcript)]).toEqual(["streaming", "agent: A"]);
    transcript.hear(caption({ text: "A wh", isCut: true }));
    expect(state()).toBe("cut");
    const whole = transcript.hear(caption({ text: "A whole sentence", isFinal: true }));
    expect(whole?.text.value).toBe("A whole sentence");
    expect([state(), ...texts(transcript)]).toEqual(["done", "agent: A whole sentence"]);
    transcript.hear(caption({ text: "Half a sen", isCut: true }));
    expect([state(), ...texts(transcript)]).toEqual(["done", "agent: A whole sentence"]);
  });
});

function describeEntry(entry: Entry): string {
  if (entry.kind === "message") return entry.text.value;
  return entry.kind === "card" ? `${entry.id} ${entry.state.value}` : entry.text;
}

function texts(transcript: Transcript): string[] {
  return transcript.entries.value.map((entry) =>
    entry.kind === "message" ? `${entry.role}: ${entry.text.value}` : entry.kind,
  );
}
