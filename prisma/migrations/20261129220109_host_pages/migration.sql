-- AlterTable
ALTER TABLE "conversation_rooms" ADD COLUMN     "page" JSONB;
