-- CreateEnum
CREATE TYPE "turn_error" AS ENUM ('timeout', 'rate_limited', 'unauthorized', 'server_error', 'bad_answer', 'cut_off', 'tool_loop', 'fallback');

-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "answer_ms" INTEGER[] DEFAULT ARRAY[]::INTEGER[],
ADD COLUMN     "input_tokens" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "output_tokens" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "turns" ADD COLUMN     "error" "turn_error",
ADD COLUMN     "input_tokens" INTEGER,
ADD COLUMN     "latency" JSONB,
ADD COLUMN     "output_tokens" INTEGER;
