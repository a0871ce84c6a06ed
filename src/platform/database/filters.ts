import { Prisma } from "./generated/client.js";

type Value = string | number | boolean | Date;

/** Conditions of a list: one line per filter, those that were not given left out. Columns are constants of ours. */
export class Filters {
  readonly conditions: Prisma.Sql[] = [];

  equals(column: string, value: Value | null | undefined, cast = ""): this {
    return this.compare(column, "=", value, cast);
  }

  /**
   * As `equals`, for a column in which nearly every row has one value. Its index has the others alone,
   * and PostgreSQL takes it only where the statement itself says that none of the many is meant.
   */
  equalsRarely(
    column: string,
    value: string | null | undefined,
    { usual, cast }: { usual: string; cast: string },
  ): this {
    if (value === null || value === undefined || value === usual) {
      return this.equals(column, value, cast);
    }
    return this.equals(column, value, cast).add(Prisma.raw(`${column} <> '${usual}'`));
  }

  /** Strictly between two points, either of which may be absent. */
  between(column: string, after: Value | null | undefined, before: Value | null | undefined): this {
    return this.compare(column, ">", after).compare(column, "<", before);
  }

  /** From `lowest` to `highest`, both included. */
  range(column: string, lowest: Value | null | undefined, highest: Value | null | undefined): this {
    return this.compare(column, ">=", lowest).compare(column, "<=", highest);
  }

  /**
   * As `range`, for the count of turns. What has ended is found by an index of its own; a talk that goes
   * on is looked at, for its count changes with each turn. PostgreSQL takes the index of live ones only where
   * the statement names them all.
   */
  turnsBetween(lowest: number | null | undefined, highest: number | null | undefined): this {
    const ended = new Filters().range("ended_turn_count", lowest, highest).conditions;
    if (ended.length === 0) return this;
    const live = new Filters().range("user_turn_count", lowest, highest).conditions;
    return this.add(
      Prisma.sql`((${Prisma.join(ended, " AND ")}) OR (${LIVE} AND ${Prisma.join(live, " AND ")}))`,
    );
  }

  /** Part of a text in any case; a trigram index answers it. */
  contains(column: string, text: string | null | undefined): this {
    if (text === null || text === undefined) return this;
    const pattern = `%${text.replace(/[\\%_]/g, (char) => `\\${char}`)}%`;
    return this.add(Prisma.sql`${Prisma.raw(column)} ILIKE ${pattern}`);
  }

  /** JSON containment; a GIN index answers it. */
  containsJson(column: string, object: object | null | undefined): this {
    if (!object) return this;
    return this.add(Prisma.sql`${Prisma.raw(column)} @> ${JSON.stringify(object)}::jsonb`);
  }

  add(condition: Prisma.Sql): this {
    this.conditions.push(condition);
    return this;
  }

  private compare(
    column: string,
    operator: string,
    value: Value | null | undefined,
    cast = "",
  ): this {
    if (value === null || value === undefined) return this;
    const suffix = cast === "" ? Prisma.empty : Prisma.raw(`::${cast}`);
    return this.add(Prisma.sql`${Prisma.raw(`${column} ${operator}`)} ${value}${suffix}`);
  }
}

/** In the words of the index of those that have not ended. */
const LIVE = Prisma.sql`status IN ('token_created', 'triggered', 'ringing', 'in_progress')`;

/** What was deleted is hidden, not removed. */
export const NOT_DELETED = Prisma.sql`deleted_at IS NULL`;

/** A test of a version is in no list. */
export const NO_TEST = Prisma.sql`tester_id IS NULL`;
