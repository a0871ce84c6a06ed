-- AlterTable
ALTER TABLE "conversation_rooms" ADD COLUMN     "agent_identity" TEXT,
ADD COLUMN     "seen_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "turns" ADD COLUMN     "cut_off" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "workers" ADD COLUMN     "max_jobs" INTEGER;

-- The sweep asks for the rooms whose visitor came and was not seen to leave: few, among all that ever were.
CREATE INDEX "conversation_rooms_open_idx" ON "conversation_rooms"("name")
  WHERE "joined_at" IS NOT NULL AND "left_at" IS NULL AND "finished_at" IS NULL;
