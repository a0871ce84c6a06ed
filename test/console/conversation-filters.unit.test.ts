import { describe, expect, test } from "vitest";
import {
  FILTER_KEYS,
  readConversationFilters,
  variablesOf,
  withFilter,
  writeConversationFilters,
  type ConversationFilters,
} from "../../src/console/conversations/conversation-filters.js";

const ID = "0b6e1f0e-5f3a-4c1d-9a55-0f6f3d1c2b4a";
const ALL: ConversationFilters = {
  status: "in_progress",
  widget: ID,
  agent: ID,
  version: ID,
  channel: "webrtc",
  direction: "inbound",
  user: "ada & co",
  visitor: "user_7",
  from: "2026-02-28",
  until: "2026-02-28",
  longer: "0",
  shorter: "600",
  moreTurns: "1",
  fewerTurns: "9",
  feedback: "yes",
  metadata: '{"plan":"pro"}',
};

describe("the filters of conversations", () => {
  test("are read from an address as they were written into it, every one of them", () => {
    expect(Object.keys(ALL)).toEqual(FILTER_KEYS);
    expect(readConversationFilters(writeConversationFilters(ALL), true)).toEqual(ALL);
    expect(writeConversationFilters({})).toBe("");
  });

  test("are none where their value makes no sense, for anybody may have typed it", () => {
    const wrong =
      "?status=nope&widget=7&channel=&user=%20&from=2026-13-01&longer=-1&moreTurns=1.5&metadata=[1]&feedback=no&strange=1";
    expect(readConversationFilters(wrong, true)).toEqual({});
  });

  test("of what is sensitive are none for who may not read it", () => {
    const { feedback: _feedback, metadata: _metadata, ...others } = ALL;
    expect(readConversationFilters(writeConversationFilters(ALL), false)).toEqual(others);
  });

  test("ask the platform for whole days, for bounds that count themselves, and for what metadata contains", () => {
    const asked = variablesOf(ALL);
    expect(asked).toMatchObject({
      status: "IN_PROGRESS",
      channel: "WEBRTC",
      direction: "INBOUND",
      webWidgetId: ID,
      agentId: ID,
      agentVersionId: ID,
      userId: "ada & co",
      ofUserId: "user_7",
      durationAbove: 0,
      durationBelow: 600,
      userTurnCountAbove: 1,
      userTurnCountBelow: 9,
      customMetadata: { plan: "pro", feedback_form: {} },
    });
    const midnight = new Date("2026-02-28T00:00:00").getTime();
    expect(new Date(String(asked.createdAfter)).getTime()).toBe(midnight - 1);
    expect(new Date(String(asked.createdBefore)).getTime()).toBe(
      new Date("2026-03-01T00:00:00").getTime(),
    );
    expect(Object.values(variablesOf({})).filter((value) => value !== undefined)).toEqual([]);
  });

  test("are set and taken away one by one", () => {
    expect(withFilter({ user: "ada" }, "status", "failed")).toEqual({
      user: "ada",
      status: "failed",
    });
    expect(withFilter({ user: "ada", longer: "3" }, "user", undefined)).toEqual({ longer: "3" });
  });
});
