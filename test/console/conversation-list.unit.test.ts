import { describe, expect, test } from "vitest";
import {
  newsIn,
  withHead,
  withNext,
  type ConversationList,
} from "../../src/console/conversations/inbox-list.js";

/** Newest first. @param minutes of each one's beginning, which is its id */
function list(minutes: readonly number[], { goesOn = true, status = "COMPLETED" } = {}) {
  return {
    nodes: minutes.map((minute) => ({
      id: String(minute),
      status,
      createdAt: `2026-01-01T00:${String(minute).padStart(2, "0")}:00.000Z`,
    })),
    pageInfo: { hasNextPage: goesOn, endCursor: String(minutes.at(-1)) },
  } as ConversationList;
}

const ids = ({ nodes }: ConversationList): string[] => nodes.map(({ id }) => id);

describe("the list of conversations", () => {
  test("takes in what is new at its head, and keeps the pages that were shown below", () => {
    const after = withHead(list([5, 4, 3, 2, 1]), list([6, 5, 4], { status: "IN_PROGRESS" }));
    expect(ids(after)).toEqual(["6", "5", "4", "3", "2", "1"]);
    expect(after.nodes.map(({ status }) => status)).toEqual([
      "IN_PROGRESS",
      "IN_PROGRESS",
      "IN_PROGRESS",
      "COMPLETED",
      "COMPLETED",
      "COMPLETED",
    ]);
    expect(after.pageInfo.endCursor).toBe("1");
  });

  test("loses what no longer fits", () => {
    expect(ids(withHead(list([5, 4, 3, 2]), list([5, 3])))).toEqual(["5", "3", "2"]);
    expect(ids(withHead(list([5, 4]), list([5], { goesOn: false })))).toEqual(["5"]);
    expect(ids(withHead(list([5]), list([], { goesOn: false })))).toEqual([]);
  });

  test("begins anew where more is new than a page holds: a gap is never shown", () => {
    const after = withHead(list([3, 2, 1]), list([9, 8, 7]));
    expect(ids(after)).toEqual(["9", "8", "7"]);
    expect(after.pageInfo.endCursor).toBe("7");
  });

  test("goes on with its next page, and has each once", () => {
    const after = withNext(list([5, 4]), list([4, 3], { goesOn: false }));
    expect(ids(after)).toEqual(["5", "4", "3"]);
    expect(after.pageInfo.hasNextPage).toBe(false);
  });

  test("counts what is new", () => {
    expect(newsIn(list([3, 2]), list([5, 4, 3]))).toBe(2);
  });
});
