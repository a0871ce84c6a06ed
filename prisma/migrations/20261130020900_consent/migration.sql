-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "consent" JSONB;
