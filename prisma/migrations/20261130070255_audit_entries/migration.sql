-- CreateEnum
CREATE TYPE "audit_actor_kind" AS ENUM ('api_key', 'personal_token', 'console_session', 'command_line');

-- CreateEnum
CREATE TYPE "audit_via" AS ENUM ('console', 'graphql', 'rest', 'command_line');

-- CreateTable
CREATE TABLE "audit_entries" (
    "id" UUID NOT NULL,
    "organization_id" TEXT,
    "actor_kind" "audit_actor_kind" NOT NULL,
    "actor_id" TEXT,
    "credential_id" TEXT,
    "via" "audit_via" NOT NULL,
    "action" TEXT NOT NULL,
    "subject_id" TEXT,
    "changes" JSONB NOT NULL,
    "request_id" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "audit_entries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_created_at_id_idx" ON "audit_entries"("organization_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_action_created_at_id_idx" ON "audit_entries"("organization_id", "action", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_actor_id_created_at_id_idx" ON "audit_entries"("organization_id", "actor_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "audit_entries_organization_id_subject_id_created_at_id_idx" ON "audit_entries"("organization_id", "subject_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "audit_entries_created_at_idx" ON "audit_entries"("created_at");

-- AddForeignKey
ALTER TABLE "audit_entries" ADD CONSTRAINT "audit_entries_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Whoever erases a conversation, and with what statement, takes its name from the entries in the same transaction. An
-- organization that goes takes its entries along.
CREATE FUNCTION "forget_audited_conversations"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  UPDATE "audit_entries" SET "subject_id" = NULL FROM "erased"
  WHERE "audit_entries"."organization_id" = "erased"."organization_id"
    AND "audit_entries"."subject_id" = "erased"."id"::text;
  RETURN NULL;
END $$;

CREATE TRIGGER "conversations_forget_audited" AFTER DELETE ON "conversations"
  REFERENCING OLD TABLE AS "erased" FOR EACH STATEMENT EXECUTE FUNCTION "forget_audited_conversations"();
