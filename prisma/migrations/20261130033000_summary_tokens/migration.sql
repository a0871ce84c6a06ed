-- AlterTable
ALTER TABLE "due_summaries" ADD COLUMN     "tokens" INTEGER NOT NULL DEFAULT 0;
