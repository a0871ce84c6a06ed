-- AlterTable
ALTER TABLE "conversation_rooms" ADD COLUMN     "call_id" TEXT,
ADD COLUMN     "called_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "leases" (
    "name" TEXT NOT NULL,
    "holder" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "leases_pkey" PRIMARY KEY ("name")
);
