-- AlterTable
ALTER TABLE "conversation_rooms" ADD COLUMN     "opens_transcript" BOOLEAN NOT NULL DEFAULT true;

-- CreateIndex
CREATE INDEX "conversations_status_id_idx" ON "conversations"("status", "id");
