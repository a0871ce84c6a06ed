import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { jsonBytes } from "../../../src/protocol/json-bytes.js";
import { VISITOR_LIMITS } from "../../../src/protocol/limits.js";
import { ParentLink } from "../../../src/widget/panel/parent-link.js";
import { seal, type ToPanel } from "../../../src/protocol/panel-messages.js";

const origin = "https://shop.example";
const identify: ToPanel = {
  type: "identify",
  identity: { userId: "ada", token: "header.payload.signature" },
};
const page = { postMessage: vi.fn<(data: unknown, origin: string) => void>() };
const stranger = { name: "a frame of somebody else's" };
let receive: ((event: object) => void) | undefined;

beforeEach(() => {
  receive = undefined;
  vi.stubGlobal("window", {
    parent: page,
    addEventListener: (_name: string, listener: (event: object) => void) => {
      receive = listener;
    },
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  page.postMessage.mockReset();
});

describe("who the visitor is", () => {
  it("is said by the window around the panel, from the origin that it belongs to, and by nobody else", () => {
    const heard = listen(origin);
    const data = seal(identify);
    receive?.({ data, source: stranger, origin });
    receive?.({ data, source: stranger, origin: "https://evil.example" });
    receive?.({ data, source: page, origin: "https://evil.example" });
    receive?.({ data, source: page, origin: "null" });
    receive?.({ data, source: null, origin });
    expect(heard).toEqual([]);
    receive?.({ data, source: page, origin });
    expect(heard).toMatchObject([identify]);
  });

  it.each(["*", "null"])("is said by nobody where the page around is unknown: %s", (unknown) => {
    listen(unknown);
    expect(receive).toBeUndefined();
  });
});

describe("the page that the visitor is on", () => {
  const wide = "𝒳".repeat(300);

  it.each([
    [["/tea", "Tea", "en"], { url: "https://shop.example/tea", title: "Tea", language: "en" }],
    [["/", "a\0b\ud800", 7], { url: "https://shop.example/", title: "a b\ufffd", language: "" }],
    [
      [`/${"x".repeat(2000)}`, wide, wide],
      {
        url: `https://shop.example/${"x".repeat(979)}`,
        title: "𝒳".repeat(200),
        language: "𝒳".repeat(35),
      },
    ],
    [[7, "Tea", "en"], undefined],
    [undefined, undefined],
  ])("comes with the ticket, in a form that the platform takes: %j", async (told, read) => {
    const link = new ParentLink(origin, () => undefined);
    const answer = link.ticket();
    const data = seal({ type: "ticket", request: 1, status: 200, ticket: "t", page: told });
    receive?.({ data, source: page, origin });
    expect((await answer)?.page).toEqual(read);
    expect(jsonBytes(read ?? {})).toBeLessThanOrEqual(VISITOR_LIMITS.pageBytes);
  });
});

describe("a page in a sandbox, which has no origin", () => {
  it("is heard by its window alone, and told nothing but what is harmless", async () => {
    const heard: ToPanel[] = [];
    const link = new ParentLink("*", (message) => heard.push(message), true);
    expect(link.hasLoader).toBe(true);
    const data = seal({ type: "send", text: "Hello" });
    receive?.({ data, source: {}, origin: "null" });
    receive?.({ data, source: page, origin });
    expect(heard).toEqual([]);
    receive?.({ data, source: page, origin: "null" });
    expect(heard).toEqual([data]);
    expect(await link.ticket()).toBeUndefined();
    link.tell({ type: "live", inCall: true });
    expect(page.postMessage).not.toHaveBeenCalled();
    link.tell({ type: "ready" });
    expect(page.postMessage).toHaveBeenCalledTimes(1);
    // Where websites are listed, a page without an origin is none of them.
    expect(new ParentLink("null", () => undefined, true).hasLoader).toBe(false);
  });
});

describe("what becomes of an identity", () => {
  it("is told to the known origin only", () => {
    const event = { type: "event", name: "identity_expired", detail: { userId: "ada" } } as const;
    for (const unknown of ["*", "null"]) new ParentLink(unknown, () => undefined).tell(event);
    expect(page.postMessage).not.toHaveBeenCalled();
    new ParentLink(origin, () => undefined).tell(event);
    expect(page.postMessage.mock.calls).toEqual([[seal(event), origin]]);
  });
});

function listen(targetOrigin: string): ToPanel[] {
  const heard: ToPanel[] = [];
  const link = new ParentLink(targetOrigin, (message) => heard.push(message));
  expect(link.hasLoader).toBe(targetOrigin === origin);
  return heard;
}
