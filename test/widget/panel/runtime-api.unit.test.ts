import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { isGone, isIdentityRefused, RuntimeApi } from "../../../src/widget/panel/runtime-api.js";

const request = {
  userId: "ada",
  metadata: {},
  conversationId: undefined,
  visitorToken: "visitor",
  identityToken: "header.payload.signature",
  ticket: "ticket",
  page: { url: "https://shop.example/tea", title: "Tea", language: "en" },
  consent: { version: "2", language: "de" },
  idempotencyKey: "once",
};
const asked = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();
const api = new RuntimeApi("widget", "");

beforeEach(() => {
  vi.stubGlobal("fetch", asked);
});
afterEach(() => {
  vi.unstubAllGlobals();
  asked.mockReset();
});

describe("a start", () => {
  it("shows each proof where the platform looks for it, and none in its address", async () => {
    asked.mockResolvedValue(
      Response.json({
        conversation: { id: "1" },
        connection_details: { url: "wss://livekit.example", token: "room" },
      }),
    );
    await api.start(request);
    const [[url, init] = []] = asked.mock.calls;
    expect(url).toBe("/core/public/web-widgets/widget/conversations");
    expect(Object.fromEntries(new Headers(init?.headers))).toMatchObject({
      "x-visitor-token": "visitor",
      "x-embed-ticket": "ticket",
      "idempotency-key": "once",
    });
    expect(JSON.parse(String(init?.body))).toEqual({
      user_id: "ada",
      custom_metadata: {},
      identity_token: "header.payload.signature",
      page: request.page,
      consent: { version: "2", language: "de" },
    });
  });

  it("that is refused for its identity token says nothing about the conversation", async () => {
    asked.mockImplementation(async () => refusal({ detail: "No.", code: "identity_refused" }));
    const error: unknown = await api.start(request).catch((cause: unknown) => cause);
    expect([isIdentityRefused(error), isGone(error)]).toEqual([true, false]);
    asked.mockImplementation(async () => refusal({ detail: "No." }));
    const other: unknown = await api.start(request).catch((cause: unknown) => cause);
    expect([isIdentityRefused(other), isGone(other)]).toEqual([false, true]);
  });
});

describe("a logout", () => {
  it("outlives the page that asked for it", async () => {
    asked.mockResolvedValue(Response.json({ status: "ok" }));
    await api.logout("visitor");
    const [[url, init] = []] = asked.mock.calls;
    expect(url).toBe("/core/public/web-widgets/widget/logout");
    expect(init).toMatchObject({ method: "POST", keepalive: true });
    expect(new Headers(init?.headers).get("X-Visitor-Token")).toBe("visitor");
  });
});

function refusal(body: object): Response {
  return Response.json(body, { status: 401 });
}
