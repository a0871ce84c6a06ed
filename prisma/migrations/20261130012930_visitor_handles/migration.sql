-- CreateTable
CREATE TABLE "visitor_handles" (
    "id" UUID NOT NULL,
    "widget_id" UUID NOT NULL,
    "conversation_id" UUID NOT NULL,
    "is_over" BOOLEAN NOT NULL,
    "origin" TEXT NOT NULL,
    "visitor_key_hash" BYTEA NOT NULL,
    "token_generation" INTEGER NOT NULL,
    "sealed_visitor" BYTEA NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "spent_hash" BYTEA,
    "attempt_hash" BYTEA,
    "sealed_secret" BYTEA,
    "spent_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "visitor_handles_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "visitor_handles_conversation_id_idx" ON "visitor_handles"("conversation_id");

-- CreateIndex
CREATE INDEX "visitor_handles_visitor_key_hash_idx" ON "visitor_handles"("visitor_key_hash");

-- CreateIndex
CREATE INDEX "visitor_handles_expires_at_idx" ON "visitor_handles"("expires_at");

-- AddForeignKey
ALTER TABLE "visitor_handles" ADD CONSTRAINT "visitor_handles_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
