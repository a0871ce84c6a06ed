-- CreateEnum
CREATE TYPE "identity_mode" AS ENUM ('off', 'optional', 'required');

-- AlterTable
ALTER TABLE "widgets" ADD COLUMN     "identity" "identity_mode" NOT NULL DEFAULT 'off',
ADD COLUMN     "identity_secret" BYTEA,
ADD COLUMN     "identity_secret_previous" BYTEA,
ADD COLUMN     "identity_secret_previous_until" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "visitor_key_hash" BYTEA,
ADD COLUMN     "user_verified" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "identity_metadata" JSONB;

-- AlterTable
ALTER TABLE "conversation_rooms" ADD COLUMN     "user_verified" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "ended_visitor_keys" (
    "key_hash" BYTEA NOT NULL,
    "ended_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ended_visitor_keys_pkey" PRIMARY KEY ("key_hash")
);

-- CreateTable
CREATE TABLE "used_identity_tokens" (
    "token_hash" BYTEA NOT NULL,
    "start_hash" BYTEA,
    "used_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "used_identity_tokens_pkey" PRIMARY KEY ("token_hash")
);

-- CreateTable
CREATE TABLE "start_keys" (
    "start_hash" BYTEA NOT NULL,
    "conversation_id" UUID NOT NULL,
    "sealed_key" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "start_keys_pkey" PRIMARY KEY ("start_hash")
);

-- CreateIndex
CREATE INDEX "conversations_visitor_key_hash_idx" ON "conversations"("visitor_key_hash");

-- CreateIndex
CREATE INDEX "ended_visitor_keys_ended_at_idx" ON "ended_visitor_keys"("ended_at");

-- CreateIndex
CREATE INDEX "used_identity_tokens_expires_at_idx" ON "used_identity_tokens"("expires_at");

-- CreateIndex
CREATE INDEX "start_keys_conversation_id_idx" ON "start_keys"("conversation_id");

-- CreateIndex
CREATE INDEX "start_keys_created_at_idx" ON "start_keys"("created_at");

-- AddForeignKey
ALTER TABLE "start_keys" ADD CONSTRAINT "start_keys_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
