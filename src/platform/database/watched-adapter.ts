import {
  DriverAdapterError,
  isDriverAdapterError,
  type SqlDriverAdapterFactory,
  type SqlQueryable,
} from "@prisma/driver-adapter-utils";
import { isUnanswered } from "./idle-connections.js";

/**
 * A driver's adapter whose every failure has a kind or PostgreSQL's own code: node-postgres and
 * PGlite tell of a lost or busy connection by a sentence alone.
 *
 * @param options.onRefusal gets the SQLSTATE of what PostgreSQL refused. `onLost` hears of each statement without an answer;
 *   the embedded database has no connection that could be lost.
 */
export function watchedAdapter(
  factory: SqlDriverAdapterFactory,
  { onRefusal, onLost }: { onRefusal: (sqlState: string) => void; onLost?: () => void },
): SqlDriverAdapterFactory {
  const named = (error: unknown): never => {
    // A value that a driver cannot send is a fault of ours.
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    const told = toDriverError(error);
    if (told.cause.originalCode !== undefined) onRefusal(told.cause.originalCode);
    else onLost?.();
    throw told;
  };
  const watch = (queryable: SqlQueryable): void => {
    const queryRaw = queryable.queryRaw.bind(queryable);
    const executeRaw = queryable.executeRaw.bind(queryable);
    queryable.queryRaw = (query) => queryRaw(query).catch(named);
    queryable.executeRaw = (query) => executeRaw(query).catch(named);
  };
  return {
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect: async () => {
      const adapter = await factory.connect();
      watch(adapter);
      const startTransaction = adapter.startTransaction.bind(adapter);
      adapter.startTransaction = async (isolationLevel) => {
        const transaction = await startTransaction(isolationLevel).catch(named);
        watch(transaction);
        if (onLost) giveUpLost(transaction);
        const commit = transaction.commit.bind(transaction);
        transaction.commit = () => commit().catch(named);
        return transaction;
      };
      return adapter;
    },
  };
}

function toDriverError(error: unknown): DriverAdapterError {
  // By its name: PGlite's adapter brings a copy of the class.
  if (isDriverAdapterError(error)) return error;
  const originalMessage = error instanceof Error ? error.message : String(error);
  return new DriverAdapterError({ kind: "ConnectionClosed", originalMessage });
}

/**
 * A transaction ends with the first statement that gets no answer: node-postgres would let its end wait behind it. The
 * server ends what it has of the transaction, and the pool the connection.
 *
 * @param transaction whose statements' failures have their kind already.
 */
function giveUpLost(transaction: SqlQueryable): void {
  let giveUp: (affected: number) => void;
  const givenUp = new Promise<number>((resolve) => {
    giveUp = resolve;
  });
  const note = (error: unknown): never => {
    if (isUnanswered(error)) giveUp(0);
    throw error;
  };
  const queryRaw = transaction.queryRaw.bind(transaction);
  const executeRaw = transaction.executeRaw.bind(transaction);
  transaction.queryRaw = (query) => queryRaw(query).catch(note);
  transaction.executeRaw = (query) =>
    query.sql === "ROLLBACK"
      ? Promise.race([givenUp, executeRaw(query)])
      : executeRaw(query).catch(note);
}
