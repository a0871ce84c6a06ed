import { defineConfig } from "prisma/config";

// `generate` never runs the schema engine, but the command line wants to download one unless told where it is.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: "../prisma/schema.prisma" });
