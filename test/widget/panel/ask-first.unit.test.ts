import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { askFirst } from "../../../src/widget/panel/ask-first.js";

const TALK = "wss://talk.example/rtc?access_token=secret";

class FakeSocket extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly CLOSED = 3;
  readonly readyState = 1;
  readonly sent: unknown[] = [];
  binaryType = "blob";

  constructor(readonly address: string) {
    super();
    begun.push(this);
  }

  send(data: unknown): void {
    this.sent.push(data);
  }

  close(code: number): void {
    this.sent.push(code);
  }
}

let begun: FakeSocket[] = [];
/** Whether the server is there. */
let isThere = true;
let asked: string[] = [];
let reachServer: () => Promise<void>;

describe("an address with a token in it", () => {
  beforeEach(() => {
    [begun, asked, isThere] = [[], [], true];
    vi.stubGlobal("WebSocket", FakeSocket);
    vi.stubGlobal("CloseEvent", class extends Event {});
    vi.stubGlobal("fetch", async (address: string) => {
      asked.push(address);
      if (!isThere) throw new TypeError("away");
      return new Response();
    });
    reachServer = askFirst(() => "wss://talk.example");
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("is not tried while its server is away: the socket ends as one that never opened", async () => {
    isThere = false;
    const socket = new WebSocket(TALK);
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
    const told: string[] = [];
    // As LiveKit's client listens.
    Object.assign(socket, { onerror: () => told.push("error") });
    const closed = new Promise((resolve) => {
      socket.addEventListener("close", resolve);
    });
    await closed;
    expect([told, socket.readyState, begun]).toEqual([["error"], WebSocket.CLOSED, []]);
    await expect(fetch("https://talk.example/rtc/validate?access_token=secret")).rejects.toThrow();
    expect(asked.join()).not.toContain("secret");
  });

  it("is tried when its server answers, and the socket is like any other", async () => {
    const socket = new WebSocket(TALK);
    socket.binaryType = "arraybuffer";
    const told: unknown[] = [];
    Object.assign(socket, {
      onopen: () => told.push("open"),
      onmessage: ({ data }: MessageEvent) => told.push(data),
    });
    await vi.waitFor(() => expect(begun).toHaveLength(1), 10_000);
    const [real] = begun;
    real?.dispatchEvent(new Event("open"));
    real?.dispatchEvent(new MessageEvent("message", { data: "hello" }));
    socket.send("well");
    socket.close(1000);
    expect(told).toEqual(["open", "hello"]);
    expect([real?.address, real?.binaryType, real?.sent]).toEqual([
      TALK,
      "arraybuffer",
      ["well", 1000],
    ]);
    await fetch("https://talk.example/rtc/validate?access_token=secret");
    expect(asked.slice(-2)).toEqual([
      "https://talk.example",
      "https://talk.example/rtc/validate?access_token=secret",
    ]);
  });

  it("is not tried any more when the socket was closed before the server answered", async () => {
    const socket = new WebSocket(TALK);
    socket.close();
    await new Promise((resolve) => {
      socket.addEventListener("close", resolve);
    });
    expect(begun).toEqual([]);
  });

  it("is not asked for again where the server has just answered, and for the next one it is", async () => {
    await reachServer();
    for (const count of [1, 2]) {
      const socket = new WebSocket(TALK);
      await vi.waitFor(() => expect(begun).toHaveLength(count), 10_000);
      expect(asked).toEqual(Array.from({ length: count }, () => "https://talk.example"));
      socket.close();
    }
  });

  it("is told apart: whatever has none is asked for at once", async () => {
    const socket = new WebSocket("wss://elsewhere.example");
    expect(begun).toEqual([socket]);
    await fetch("https://elsewhere.example/");
    expect(asked).toEqual(["https://elsewhere.example/"]);
  });
});
