-- AlterTable
ALTER TABLE "conversations" ADD COLUMN     "tester_id" UUID;

-- AlterTable
ALTER TABLE "talk_shares" ALTER COLUMN "widget_id" DROP NOT NULL;

-- CreateTable
CREATE TABLE "test_usage_days" (
    "organization_id" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "talks" INTEGER NOT NULL DEFAULT 0,
    "seconds" INTEGER NOT NULL DEFAULT 0,
    "tokens" BIGINT NOT NULL DEFAULT 0,

    CONSTRAINT "test_usage_days_pkey" PRIMARY KEY ("organization_id","day")
);

-- CreateTable
CREATE TABLE "draft_previews" (
    "id" UUID NOT NULL,
    "token_hash" BYTEA NOT NULL,
    "user_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "organization_id" TEXT NOT NULL,
    "agent_version_id" UUID NOT NULL,
    "agent_config" JSONB NOT NULL,
    "widget_config" JSONB NOT NULL,
    "conversation_id" UUID,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "draft_previews_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "draft_previews_token_hash_key" ON "draft_previews"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "draft_previews_conversation_id_key" ON "draft_previews"("conversation_id");

-- CreateIndex
CREATE INDEX "draft_previews_user_id_idx" ON "draft_previews"("user_id");

-- CreateIndex
CREATE INDEX "draft_previews_expires_at_idx" ON "draft_previews"("expires_at");

-- AddForeignKey
ALTER TABLE "test_usage_days" ADD CONSTRAINT "test_usage_days_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "draft_previews" ADD CONSTRAINT "draft_previews_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "draft_previews" ADD CONSTRAINT "draft_previews_agent_version_id_fkey" FOREIGN KEY ("agent_version_id") REFERENCES "agent_versions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "draft_previews" ADD CONSTRAINT "draft_previews_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The sweep asks for tests that are a day old. A start has none, so that it pays nothing.
CREATE INDEX "conversations_test_idx" ON "conversations"("created_at") WHERE "tester_id" IS NOT NULL;

-- A test is in no agent's statistics.
CREATE OR REPLACE FUNCTION "note_conversation_count"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD."tester_id" IS NULL THEN
    INSERT INTO "conversation_count_changes" ("agent_id", "status", "change") VALUES (OLD."agent_id", OLD."status", -1);
  END IF;
  IF TG_OP <> 'DELETE' AND NEW."tester_id" IS NULL THEN
    INSERT INTO "conversation_count_changes" ("agent_id", "status", "change") VALUES (NEW."agent_id", NEW."status", 1);
  END IF;
  RETURN NULL;
END $$;

-- What a test uses is its organization's alone, as `note_usage` does it for a widget.
CREATE FUNCTION "note_test_usage"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "test_usage_days" ("organization_id", "day", "talks", "seconds", "tokens")
  VALUES (NEW."organization_id", (NEW."updated_at" AT TIME ZONE 'UTC')::date,
    (NEW."status" = 'in_progress' AND OLD."status" <> 'in_progress')::int,
    coalesce(NEW."duration", 0) - coalesce(OLD."duration", 0),
    NEW."input_tokens" - OLD."input_tokens" + NEW."output_tokens" - OLD."output_tokens")
  ON CONFLICT ("organization_id", "day") DO UPDATE SET
    "talks" = "test_usage_days"."talks" + excluded."talks",
    "seconds" = "test_usage_days"."seconds" + excluded."seconds",
    "tokens" = "test_usage_days"."tokens" + excluded."tokens";
  RETURN NULL;
END $$;

CREATE TRIGGER "conversations_test_usage" AFTER UPDATE OF "status", "duration", "input_tokens", "output_tokens"
  ON "conversations" FOR EACH ROW WHEN (NEW."tester_id" IS NOT NULL AND (
    (NEW."status" = 'in_progress' AND OLD."status" <> 'in_progress')
    OR NEW."duration" IS DISTINCT FROM OLD."duration"
    OR NEW."input_tokens" <> OLD."input_tokens" OR NEW."output_tokens" <> OLD."output_tokens"))
  EXECUTE FUNCTION "note_test_usage"();
