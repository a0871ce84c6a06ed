import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
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
