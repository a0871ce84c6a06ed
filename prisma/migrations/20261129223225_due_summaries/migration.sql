-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "summarized_turns" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "due_summaries" (
    "conversation_id" UUID NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "tries" INTEGER NOT NULL,

    CONSTRAINT "due_summaries_pkey" PRIMARY KEY ("conversation_id")
);

-- CreateIndex
CREATE INDEX "due_summaries_due_at_idx" ON "due_summaries"("due_at");

-- AddForeignKey
ALTER TABLE "due_summaries" ADD CONSTRAINT "due_summaries_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
