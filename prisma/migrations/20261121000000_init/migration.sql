-- Substring search on names and visitors.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "role" AS ENUM ('admin', 'viewer');

-- CreateEnum
CREATE TYPE "direction" AS ENUM ('inbound', 'outbound');

-- CreateEnum
CREATE TYPE "channel" AS ENUM ('webrtc', 'telephone', 'email', 'text');

-- CreateEnum
CREATE TYPE "conversation_status" AS ENUM ('token_created', 'triggered', 'ringing', 'in_progress', 'completed', 'failed', 'cancelled', 'transferred', 'unanswered');

-- CreateEnum
CREATE TYPE "turn_role" AS ENUM ('user', 'agent', 'tool');

-- CreateEnum
CREATE TYPE "turn_mode" AS ENUM ('text', 'voice');

-- CreateTable
CREATE TABLE "organizations" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "retention_days" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "organizations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memberships" (
    "user_id" UUID NOT NULL,
    "organization_id" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("user_id","organization_id")
);

-- CreateTable
CREATE TABLE "personal_access_tokens" (
    "id" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "personal_access_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "api_keys" (
    "id" TEXT NOT NULL,
    "organization_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "scopes" TEXT[],
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agents" (
    "id" UUID NOT NULL,
    "organization_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "active" BOOLEAN NOT NULL,
    "is_demo" BOOLEAN NOT NULL,
    "metadata" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "agents_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent_versions" (
    "id" UUID NOT NULL,
    "organization_id" TEXT NOT NULL,
    "agent_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "published" BOOLEAN NOT NULL,
    "published_at" TIMESTAMPTZ(3),
    "config" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "agent_versions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "widgets" (
    "id" UUID NOT NULL,
    "organization_id" TEXT NOT NULL,
    "agent_id" UUID NOT NULL,
    "agent_version_id" UUID NOT NULL,
    "domains" TEXT[],
    "published" BOOLEAN NOT NULL,
    "config" JSONB NOT NULL,
    "strict" BOOLEAN NOT NULL DEFAULT false,
    "limits" JSONB NOT NULL DEFAULT '{}',
    "token_generation" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "widgets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "conversations" (
    "id" UUID NOT NULL,
    "organization_id" TEXT NOT NULL,
    "direction" "direction" NOT NULL,
    "channel" "channel" NOT NULL,
    "status" "conversation_status" NOT NULL,
    "user_id" TEXT NOT NULL,
    "agent_id" UUID NOT NULL,
    "agent_version_id" UUID NOT NULL,
    "web_widget_id" UUID,
    "duration" INTEGER,
    "user_turn_count" INTEGER NOT NULL DEFAULT 0,
    "initial_context" JSONB,
    "summary" TEXT,
    "custom_metadata" JSONB NOT NULL,
    "bound" BOOLEAN NOT NULL,
    "embed_ticket_id" TEXT,
    "current_room" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "conversations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "conversation_rooms" (
    "name" TEXT NOT NULL,
    "conversation_id" UUID NOT NULL,
    "visitor_identity" TEXT NOT NULL,
    "fallback_status" "conversation_status" NOT NULL,
    "token_expires_at" TIMESTAMPTZ(3) NOT NULL,
    "joined_at" TIMESTAMPTZ(3),
    "left_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "job_id" TEXT,
    "job_ended_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "conversation_rooms_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "turns" (
    "conversation_id" UUID NOT NULL,
    "id" TEXT NOT NULL,
    "role" "turn_role" NOT NULL,
    "text" TEXT NOT NULL,
    "mode" "turn_mode" NOT NULL,
    "tool_call" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "turns_pkey" PRIMARY KEY ("conversation_id","id")
);

-- CreateTable
CREATE TABLE "workers" (
    "id" TEXT NOT NULL,
    "agent_name" TEXT NOT NULL,
    "active_jobs" INTEGER NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "workers_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE INDEX "personal_access_tokens_user_id_idx" ON "personal_access_tokens"("user_id");

-- CreateIndex
CREATE INDEX "api_keys_organization_id_created_at_id_idx" ON "api_keys"("organization_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "agents_organization_id_created_at_id_idx" ON "agents"("organization_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "agents_organization_id_active_created_at_id_idx" ON "agents"("organization_id", "active", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "agents_organization_id_is_demo_created_at_id_idx" ON "agents"("organization_id", "is_demo", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "agents_name_idx" ON "agents" USING GIN ("name" gin_trgm_ops);

-- CreateIndex
CREATE INDEX "agents_metadata_idx" ON "agents" USING GIN ("metadata" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "agent_versions_agent_id_created_at_id_idx" ON "agent_versions"("agent_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "agent_versions_agent_id_published_created_at_id_idx" ON "agent_versions"("agent_id", "published", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "agent_versions_agent_id_version_key" ON "agent_versions"("agent_id", "version");

-- CreateIndex
CREATE INDEX "widgets_organization_id_created_at_id_idx" ON "widgets"("organization_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "widgets_organization_id_published_created_at_id_idx" ON "widgets"("organization_id", "published", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "widgets_agent_id_created_at_id_idx" ON "widgets"("agent_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "conversations_embed_ticket_id_key" ON "conversations"("embed_ticket_id");

-- CreateIndex
CREATE INDEX "conversations_organization_id_created_at_id_idx" ON "conversations"("organization_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_organization_id_status_created_at_id_idx" ON "conversations"("organization_id", "status", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_organization_id_channel_created_at_id_idx" ON "conversations"("organization_id", "channel", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_organization_id_direction_created_at_id_idx" ON "conversations"("organization_id", "direction", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_web_widget_id_created_at_id_idx" ON "conversations"("web_widget_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_web_widget_id_user_id_created_at_id_idx" ON "conversations"("web_widget_id", "user_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_agent_id_created_at_id_idx" ON "conversations"("agent_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_agent_version_id_created_at_id_idx" ON "conversations"("agent_version_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE INDEX "conversations_user_id_idx" ON "conversations" USING GIN ("user_id" gin_trgm_ops);

-- CreateIndex
CREATE INDEX "conversations_custom_metadata_idx" ON "conversations" USING GIN ("custom_metadata" jsonb_path_ops);

-- CreateIndex
CREATE INDEX "conversation_rooms_conversation_id_idx" ON "conversation_rooms"("conversation_id");

-- CreateIndex
CREATE INDEX "conversation_rooms_token_expires_at_idx" ON "conversation_rooms"("token_expires_at");

-- CreateIndex
CREATE INDEX "turns_conversation_id_created_at_idx" ON "turns"("conversation_id", "created_at");

-- CreateIndex
CREATE INDEX "workers_agent_name_seen_at_idx" ON "workers"("agent_name", "seen_at");

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "personal_access_tokens" ADD CONSTRAINT "personal_access_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agents" ADD CONSTRAINT "agents_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_versions" ADD CONSTRAINT "agent_versions_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "widgets" ADD CONSTRAINT "widgets_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "widgets" ADD CONSTRAINT "widgets_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "widgets" ADD CONSTRAINT "widgets_agent_version_id_fkey" FOREIGN KEY ("agent_version_id") REFERENCES "agent_versions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_organization_id_fkey" FOREIGN KEY ("organization_id") REFERENCES "organizations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_agent_id_fkey" FOREIGN KEY ("agent_id") REFERENCES "agents"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_agent_version_id_fkey" FOREIGN KEY ("agent_version_id") REFERENCES "agent_versions"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_web_widget_id_fkey" FOREIGN KEY ("web_widget_id") REFERENCES "widgets"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "conversation_rooms" ADD CONSTRAINT "conversation_rooms_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "turns" ADD CONSTRAINT "turns_conversation_id_fkey" FOREIGN KEY ("conversation_id") REFERENCES "conversations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
