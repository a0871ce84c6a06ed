-- DropIndex
DROP INDEX "conversations_organization_id_channel_created_at_id_idx";

-- DropIndex
DROP INDEX "conversations_organization_id_direction_created_at_id_idx";

-- DropIndex
DROP INDEX "conversations_status_id_idx";

-- DropIndex
DROP INDEX "conversations_web_widget_id_bound_created_at_id_idx";

-- Every conversation is in every index of its table, and each costs a start more than the row does. What follows holds
-- only the rows that somebody looks for; a statement that looks for them says so in the words of the index.

-- Nearly all are inbound on the web: of those the newest are the newest of all.
CREATE INDEX "conversations_other_channel_idx"
  ON "conversations"("organization_id", "channel", "created_at" DESC, "id" DESC) WHERE "channel" <> 'webrtc';
CREATE INDEX "conversations_other_direction_idx"
  ON "conversations"("organization_id", "direction", "created_at" DESC, "id" DESC) WHERE "direction" <> 'inbound';

-- Strangers see what is unbound, and our embed makes none of it.
CREATE INDEX "conversations_unbound_idx"
  ON "conversations"("web_widget_id", "created_at" DESC, "id" DESC) WHERE NOT "bound";

-- The sweeps ask, over all organizations, for those that have not ended.
CREATE INDEX "conversations_live_idx" ON "conversations"("status", "id")
  WHERE "status" IN ('token_created', 'triggered', 'ringing', 'in_progress');

-- Durations that nothing has. A start has none, so that it pays nothing.
CREATE INDEX "conversations_duration_idx" ON "conversations"("organization_id", "duration")
  WHERE "duration" IS NOT NULL;
