import "reflect-metadata";

// Where vitest itself is killed, its workers would go on with their tests alone.
process.once("disconnect", () => process.exit(1));
