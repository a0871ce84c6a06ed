import { beforeEach, expect, it, vi } from "vitest";
import { stub, useFakeBrowser } from "./fake-talk.js";
import type { RoomHandlers } from "../../../src/widget/panel/room-link.js";

const rooms = vi.hoisted(() => ({ made: 0 }));

vi.mock("livekit-client", async (load) => ({
  ...(await load<object>()),
  Room: class {
    constructor() {
      rooms.made++;
    }
  },
}));

useFakeBrowser();
beforeEach(() => {
  vi.stubGlobal("isSecureContext", true);
  vi.stubGlobal("WebSocket", class {});
});

it("a server that is away, or stands still, costs no room and no listener, however often it is tried", async () => {
  const { connectRoom } = await import("../../../src/widget/panel/livekit-link.js");
  const listen = vi.spyOn(window, "addEventListener");
  const fetched = vi.fn<typeof fetch>(async () => {
    throw new TypeError("Failed to fetch");
  });
  vi.stubGlobal("fetch", fetched);
  const join = (): Promise<unknown> =>
    connectRoom("wss://livekit.example", "a secret", stub<RoomHandlers>({}));
  for (let tries = 0; tries < 3; tries++) await expect(join()).rejects.toThrow("Failed to fetch");

  fetched.mockImplementation(
    (_, options) =>
      new Promise((_resolve, reject) => {
        options?.signal?.addEventListener("abort", () => reject(new Error("aborted")));
      }),
  );
  const joining = expect(join()).rejects.toThrow("aborted");
  await vi.advanceTimersByTimeAsync(15_000);
  await joining;
  expect(rooms.made).toBe(0);
  expect(listen).not.toHaveBeenCalled();
  expect(JSON.stringify(fetched.mock.calls)).not.toContain("secret");
});
