-- AlterTable
ALTER TABLE "conversation_rooms" ADD COLUMN     "opens_transcript" BOOLEAN NOT NULL DEFAULT true;

-- CreateIndex
CREATE INDEX "conversations_web_widget_id_bound_created_at_id_idx" ON "conversations"("web_widget_id", "bound", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_status_id_idx" ON "conversations"("status", "id");
