-- AlterTable
ALTER TABLE "organizations" ADD COLUMN     "limits" JSONB NOT NULL DEFAULT '{}';

-- CreateTable
CREATE TABLE "talk_shares" (
    "room" TEXT NOT NULL,
    "conversation_id" UUID NOT NULL,
    "organization_id" TEXT NOT NULL,
    "widget_id" UUID NOT NULL,
    "seconds" INTEGER,
    "turns" INTEGER,
    "tokens" INTEGER,
    "turns_before" INTEGER NOT NULL,
    "tokens_before" INTEGER NOT NULL,
    "held_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "talk_shares_pkey" PRIMARY KEY ("room")
);

-- CreateTable
CREATE TABLE "usage_days" (
    "organization_id" TEXT NOT NULL,
    "day" DATE NOT NULL,
    "widget_id" UUID NOT NULL,
    "talks" INTEGER NOT NULL DEFAULT 0,
    "seconds" INTEGER NOT NULL DEFAULT 0,
    "tokens" BIGINT NOT NULL DEFAULT 0,
    "refused_talks" INTEGER NOT NULL DEFAULT 0,
    "refused_minutes" INTEGER NOT NULL DEFAULT 0,
    "refused_tokens" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "usage_days_pkey" PRIMARY KEY ("organization_id","day","widget_id")
);

-- CreateIndex
CREATE INDEX "talk_shares_organization_id_idx" ON "talk_shares"("organization_id");

-- CreateIndex
CREATE INDEX "talk_shares_conversation_id_idx" ON "talk_shares"("conversation_id");

-- AddForeignKey
ALTER TABLE "talk_shares" ADD CONSTRAINT "talk_shares_room_fkey" FOREIGN KEY ("room") REFERENCES "conversation_rooms"("name") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "usage_days" ADD CONSTRAINT "usage_days_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "usage_days" ADD CONSTRAINT "usage_days_widget_id_fkey" FOREIGN KEY ("widget_id") REFERENCES "widgets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- What a conversation's talks use is added to its widget's day in the transaction that changed the conversation, by
-- whatever statement: nothing is counted twice, and nothing is left out. The day is that of the change.
CREATE FUNCTION "note_usage"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  INSERT INTO "usage_days" ("organization_id", "day", "widget_id", "talks", "seconds", "tokens")
  VALUES (NEW."organization_id", (NEW."updated_at" AT TIME ZONE 'UTC')::date, NEW."web_widget_id",
    (NEW."status" = 'in_progress' AND OLD."status" <> 'in_progress')::int,
    coalesce(NEW."duration", 0) - coalesce(OLD."duration", 0),
    NEW."input_tokens" - OLD."input_tokens" + NEW."output_tokens" - OLD."output_tokens")
  ON CONFLICT ("organization_id", "day", "widget_id") DO UPDATE SET
    "talks" = "usage_days"."talks" + excluded."talks",
    "seconds" = "usage_days"."seconds" + excluded."seconds",
    "tokens" = "usage_days"."tokens" + excluded."tokens";
  RETURN NULL;
END $$;

CREATE TRIGGER "conversations_usage" AFTER UPDATE OF "status", "duration", "input_tokens", "output_tokens"
  ON "conversations" FOR EACH ROW WHEN (NEW."web_widget_id" IS NOT NULL AND (
    (NEW."status" = 'in_progress' AND OLD."status" <> 'in_progress')
    OR NEW."duration" IS DISTINCT FROM OLD."duration"
    OR NEW."input_tokens" <> OLD."input_tokens" OR NEW."output_tokens" <> OLD."output_tokens"))
  EXECUTE FUNCTION "note_usage"();
