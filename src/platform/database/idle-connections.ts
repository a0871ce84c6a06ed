import type pg from "pg";
import { isDriverAdapterError } from "@prisma/driver-adapter-utils";

/** Whether PostgreSQL said nothing of a statement: its connection was lost, or gave no answer in time. */
export function isUnanswered(error: unknown): boolean {
  return isDriverAdapterError(error) && error.cause.originalCode === undefined;
}

/**
 * What is lost takes the connections beside it along, which nobody notices while they are idle: each would let the next request
 * wait as long.
 *
 * @returns closes the idle connections of `pool`; to be called when one gave no answer.
 */
export function idleConnections(pool: pg.Pool): () => void {
  const idle = new Set<pg.PoolClient>();
  pool.on("acquire", (client) => idle.delete(client));
  pool.on("release", (_error, client) => idle.add(client));
  pool.on("remove", (client) => idle.delete(client));
  return () => {
    // The pool closes an idle connection that tells of an error.
    for (const client of idle) client.emit("error", new Error("another connection was lost"));
    idle.clear();
  };
}
