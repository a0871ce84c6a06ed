/**
 * Ours, for Prisma's cursors and the Relay libraries on them look a cursor's row up: once it is deleted the list ends.
 * They know no pages by time either, where rows of one instant stay together.
 */
import type { AuditVia } from "./enums.js";
import { invalid } from "../errors.js";
import { parseTimestamp } from "../../protocol/timestamp.js";
import { isUuid } from "../input/uuid.js";
import { Prisma } from "./generated/client.js";
import type { Database } from "./client.js";

/** Where a page starts: strictly after this point in "newest first". */
export interface Cursor {
  readonly createdAt: Date;
  /** Absent in the documented REST cursor, which is a `created_at` alone. */
  readonly id: string | undefined;
}

export interface PageRequest {
  readonly first: number;
  readonly after?: string | null | undefined;
  /**
   * Keep rows that share a `created_at` on one page, which may then be longer than `first`: the
   * documented REST client makes its own cursor from the last `created_at` and must lose nothing.
   */
  readonly withTies?: boolean | undefined;
}

/** The page that a caller asks for, as its door cuts pages: clients of REST page by `created_at` alone. */
export function pageOf(
  { door }: { readonly door: AuditVia },
  { first, after }: Pick<PageRequest, "first" | "after">,
): PageRequest {
  return { first, after, withTies: door === "rest" };
}

/** One page, newest first. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly hasNextPage: boolean;
}

interface PageRow {
  readonly id: string;
  readonly created_at: Date;
}

/** The size of a page, unless the caller asks for another. */
export const DEFAULT_PAGE = 20;
export const MAX_PAGE = 100;

/** The tables that lists are made of. */
export type PagedTable =
  | "agents"
  | "agent_versions"
  | "api_keys"
  | "audit_entries"
  | "conversations"
  | "invitations"
  | "widgets"
  | "widget_revisions";

/** @returns an opaque cursor behind `row`. */
export function encodeCursor(row: { createdAt: Date; id: string }): string {
  return Buffer.from(`${row.createdAt.toISOString()}|${row.id}`).toString("base64url");
}

/** The cursor that a REST client makes for itself: Base64 of the last item's `created_at`. */
export function encodeRestCursor(createdAt: Date | string): string {
  const text = typeof createdAt === "string" ? createdAt : createdAt.toISOString();
  return Buffer.from(text).toString("base64");
}

/**
 * @param text standard or URL-safe Base64, padded or not, of `created_at` or `created_at|id`.
 * @throws AppError `invalid` for anything else.
 */
export function decodeCursor(text: string, path: string): Cursor {
  const wrong = invalid({ path, message: "The cursor is not one of ours." });
  const bare = text.replace(/=+$/, "");
  if (!/^[A-Za-z0-9+/_-]{1,200}$/.test(bare)) throw wrong;
  const [time = "", id, ...rest] = Buffer.from(bare, "base64").toString("utf8").split("|");
  const createdAt = parseTimestamp(time);
  if (!createdAt || rest.length > 0) throw wrong;
  if (id !== undefined && !/^[\w-]{1,64}$/.test(id)) throw wrong;
  return { createdAt, id };
}

/**
 * The ids of one page, newest first, at a cost that does not grow with the table: the row
 * comparison `(created_at, id) < (…)` is answered by the index that ends in those two columns.
 *
 * @param conditions further conditions, all of which must hold.
 */
export async function pageOfIds(
  db: Database,
  table: PagedTable,
  conditions: readonly Prisma.Sql[],
  request: PageRequest,
  idType: "uuid" | "text" = "uuid",
): Promise<Page<string>> {
  const where = [...conditions, ...readPage(request, idType)];
  const from = Prisma.raw(table);
  const wanted = request.first + 1;
  if (!request.withTies) {
    const rows = await db.$queryRaw<PageRow[]>`
      SELECT id::text, created_at FROM ${from} ${whereAll(where)} ORDER BY created_at DESC, id DESC LIMIT ${wanted}`;
    const items = rows.slice(0, request.first).map((row) => row.id);
    return { items, hasNextPage: rows.length > items.length };
  }
  const rows = await db.$queryRaw<PageRow[]>`
    SELECT id::text, created_at FROM ${from} ${whereAll(where)} ORDER BY created_at DESC FETCH FIRST ${wanted} ROWS WITH TIES`;
  const { shown, last } = cutBehindTies(rows, request.first);
  if (!last || rows.length <= request.first) return { items: shown, hasNextPage: false };
  if (rows.length > shown.length) return { items: shown, hasNextPage: true };
  // The look-ahead row is part of the tie, so it cannot tell whether more rows follow.
  const older = Prisma.sql`created_at < ${last}`;
  const more = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM ${from} ${whereAll([...where, older])} ORDER BY created_at DESC LIMIT 1`;
  return { items: shown, hasNextPage: more.length > 0 };
}

/**
 * Where the page begins, as conditions on `created_at` and `id`: none for the first page.
 *
 * @throws AppError `invalid` for a size that is not 1 to 100, or a cursor that is not of this list.
 */
export function readPage(
  request: Pick<PageRequest, "first" | "after">,
  idType: "uuid" | "text" = "uuid",
): Prisma.Sql[] {
  const { first, after } = request;
  if (!Number.isInteger(first) || first < 1 || first > MAX_PAGE) {
    throw invalid({
      path: "first",
      message: `Must be 1 to ${MAX_PAGE}.`,
      rule: "range",
      min: 1,
      max: MAX_PAGE,
    });
  }
  if (after === undefined || after === null) return [];
  const { createdAt, id } = decodeCursor(after, "after");
  if (id === undefined) return [Prisma.sql`created_at < ${createdAt}`];
  if (idType === "text") return [Prisma.sql`(created_at, id) < (${createdAt}, ${id})`];
  if (!isUuid(id)) throw invalid({ path: "after", message: "The cursor is not one of ours." });
  return [Prisma.sql`(created_at, id) < (${createdAt}, ${id}::uuid)`];
}

/** Rows of `load` in the order of `ids`; a row deleted in between is left out. */
export async function inOrder<T extends { id: string }>(
  page: Page<string>,
  load: (ids: string[]) => Promise<T[]>,
): Promise<Page<T>> {
  if (page.items.length === 0) return { items: [], hasNextPage: page.hasNextPage };
  const rows = new Map((await load([...page.items])).map((row) => [row.id, row]));
  const items = page.items.flatMap((id) => rows.get(id) ?? []);
  return { items, hasNextPage: page.hasNextPage };
}

export function whereAll(conditions: readonly Prisma.Sql[]): Prisma.Sql {
  return conditions.length > 0
    ? Prisma.sql`WHERE ${Prisma.join([...conditions], " AND ")}`
    : Prisma.empty;
}

/** The first rows and all that share the last one's `created_at`. */
function cutBehindTies(
  rows: readonly PageRow[],
  first: number,
): { shown: string[]; last: Date | undefined } {
  const last = (rows[first - 1] ?? rows.at(-1))?.created_at;
  const shown = rows.filter((row) => last && row.created_at.getTime() >= last.getTime());
  // Newest first by created_at; ids only make the order the same at every call.
  const sorted = shown.toSorted(
    (a, b) => b.created_at.getTime() - a.created_at.getTime() || (a.id < b.id ? 1 : -1),
  );
  return { shown: sorted.map((row) => row.id), last };
}
