import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ModelServer } from "./model-server.js";

let models: ModelServer;
beforeAll(async () => {
  models = await ModelServer.start();
});
afterAll(() => models.stop());

function ask(content: string, more: object = {}): Promise<Response> {
  return fetch(`${models.url}/chat/completions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: "Bearer sk-mine" },
    body: JSON.stringify({ model: "scripted", messages: [{ role: "user", content }], ...more }),
  });
}

/** The data of a stream's events. */
async function eventsOf(answer: Response): Promise<string[]> {
  return (await answer.text()).split("\n\n").flatMap((event) => event.split(/^data: /).slice(1));
}

const STREAM = { stream: true, stream_options: { include_usage: true } };

describe("the server that stands in for models", () => {
  test("answers a chat in pieces, with the usage last, or whole", async () => {
    models.say("Two words");
    models.summarize("Two words");
    const events = await eventsOf(await ask("Hello", STREAM));
    expect(events.at(-1)).toBe("[DONE]");
    const chunks = events.slice(0, -1).map((text) => JSON.parse(text));
    const deltas = chunks.flatMap(({ choices }) =>
      choices.map(({ delta }: { delta: object }) => delta),
    );
    expect(deltas).toEqual([{ role: "assistant", content: "Two" }, { content: " words" }, {}]);
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 2 } });
    const whole = await (await ask("Hello")).json();
    expect(whole.choices[0].message.content).toBe("Two words");
    expect(whole.usage.completion_tokens).toBe(2);
  });

  test("records what it is asked, headers included", async () => {
    const before = models.chats.length;
    await (await ask("Remember this")).json();
    const [request] = models.chats.slice(before);
    expect(request?.headers["authorization"]).toBe("Bearer sk-mine");
    expect(request?.body.messages).toEqual([{ role: "user", content: "Remember this" }]);
    expect(request?.raw).toContain("Remember this");
  });

  test("calls tools, with arguments that are broken if they shall be", async () => {
    const answer = await (await ask('!tool show_info_widget {"title":')).json();
    const [call] = answer.choices[0].message.tool_calls;
    expect(call.function).toEqual({ name: "show_info_widget", arguments: '{"title":' });
    expect(answer.choices[0].finish_reason).toBe("tool_calls");
  });

  test("misbehaves on command", async () => {
    const refused = await ask("!status 429");
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([429, "1"]);
    await expect(ask("!cut", STREAM).then((answer) => answer.text())).rejects.toThrow();
    expect(await eventsOf(await ask("!garbage", STREAM))).toEqual([]);
    for (const command of ["!silence", "!mute", "!endless"]) {
      const stop = new AbortController();
      const asked = fetch(`${models.url}/chat/completions`, {
        method: "POST",
        signal: stop.signal,
        body: JSON.stringify({ messages: [{ role: "user", content: command }], ...STREAM }),
      }).then((answer) => answer.text());
      const request = await models.until(({ raw }) => raw.includes(command));
      stop.abort();
      await expect(asked).rejects.toThrow(/abort/);
      await expect.poll(() => request.isBrokenOff).toBe(true);
    }
  });

  test("hears and speaks", async () => {
    models.transcripts.push("Good day");
    const form = new FormData();
    form.append("model", "ears");
    form.append("file", new Blob(["sound"]), "a.wav");
    const heard = await fetch(`${models.url}/audio/transcriptions`, { method: "POST", body: form });
    expect(await heard.json()).toEqual({ text: "Good day" });
    expect(models.requests.at(-1)?.body).toMatchObject({
      model: "ears",
      file: Buffer.from("sound"),
    });
    const spoken = await fetch(`${models.url}/audio/speech`, {
      method: "POST",
      body: JSON.stringify({ model: "mouth", input: "x".repeat(15), response_format: "pcm" }),
    });
    expect((await spoken.arrayBuffer()).byteLength).toBe(48_000);
  });
});
