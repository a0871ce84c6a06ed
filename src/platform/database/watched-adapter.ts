import {
  DriverAdapterError,
  isDriverAdapterError,
  type SqlDriverAdapterFactory,
  type SqlQueryable,
} from "@prisma/driver-adapter-utils";

/**
 * A driver's adapter whose every failure has a kind or PostgreSQL's own code: node-postgres and
 * PGlite tell of a lost or busy connection by a sentence alone.
 *
 * @param onRefusal gets the SQLSTATE of what PostgreSQL refused.
 */
export function watchedAdapter(
  factory: SqlDriverAdapterFactory,
  onRefusal: (sqlState: string) => void,
): SqlDriverAdapterFactory {
  const named = (error: unknown): never => {
    // By its name: PGlite's adapter brings a copy of the class.
    if (isDriverAdapterError(error)) {
      if (error.cause.originalCode !== undefined) onRefusal(error.cause.originalCode);
      throw error;
    }
    // A value that a driver cannot send is a fault of ours.
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    const originalMessage = error instanceof Error ? error.message : String(error);
    throw new DriverAdapterError({ kind: "ConnectionClosed", originalMessage });
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
        const commit = transaction.commit.bind(transaction);
        transaction.commit = () => commit().catch(named);
        return transaction;
      };
      return adapter;
    },
  };
}
