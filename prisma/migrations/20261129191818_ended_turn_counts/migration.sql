-- An index on the count itself would make each turn of a talk write every index of the table. This one changes with the
-- status, which writes them all anyway. It takes about twenty seconds for a million conversations.
ALTER TABLE "conversations" ADD COLUMN "ended_turn_count" INTEGER GENERATED ALWAYS AS (
  CASE WHEN "status" NOT IN ('token_created', 'triggered', 'ringing', 'in_progress') THEN "user_turn_count" END
) STORED;

-- Counts that nothing has. A start has none, so that it pays nothing.
CREATE INDEX "conversations_ended_turn_count_idx" ON "conversations"("organization_id", "ended_turn_count")
  WHERE "ended_turn_count" IS NOT NULL;
