-- CreateTable
CREATE TABLE "conversation_counts" (
    "agent_id" UUID NOT NULL,
    "status" "conversation_status" NOT NULL,
    "count" INTEGER NOT NULL,

    CONSTRAINT "conversation_counts_pkey" PRIMARY KEY ("agent_id","status")
);

-- CreateTable
CREATE TABLE "conversation_count_changes" (
    "agent_id" UUID NOT NULL,
    "id" BIGSERIAL NOT NULL,
    "status" "conversation_status" NOT NULL,
    "change" INTEGER NOT NULL,

    CONSTRAINT "conversation_count_changes_pkey" PRIMARY KEY ("agent_id","id")
);

-- Whoever changes a conversation, and with what statement, leaves a row of the change in the same
-- transaction. Nobody waits for anybody: the rows are the changers' own.
CREATE FUNCTION "note_conversation_count"() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    INSERT INTO "conversation_count_changes" ("agent_id", "status", "change") VALUES (OLD."agent_id", OLD."status", -1);
  END IF;
  IF TG_OP <> 'DELETE' THEN
    INSERT INTO "conversation_count_changes" ("agent_id", "status", "change") VALUES (NEW."agent_id", NEW."status", 1);
  END IF;
  RETURN NULL;
END $$;

CREATE TRIGGER "conversations_count" AFTER INSERT OR DELETE ON "conversations"
  FOR EACH ROW EXECUTE FUNCTION "note_conversation_count"();

CREATE TRIGGER "conversations_count_update" AFTER UPDATE OF "status", "agent_id" ON "conversations"
  FOR EACH ROW WHEN (OLD."status" <> NEW."status" OR OLD."agent_id" <> NEW."agent_id")
  EXECUTE FUNCTION "note_conversation_count"();

-- A trigger keeps writers out until the migration is whole: nothing happens between it and this count.
INSERT INTO "conversation_counts" ("agent_id", "status", "count")
SELECT "agent_id", "status", count(*) FROM "conversations" GROUP BY "agent_id", "status";
