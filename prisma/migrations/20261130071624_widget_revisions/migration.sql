-- CreateTable
CREATE TABLE "widget_revisions" (
    "id" UUID NOT NULL,
    "widget_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "actor_kind" "audit_actor_kind",
    "actor_id" TEXT,
    "credential_id" TEXT,
    "changes" JSONB NOT NULL,
    "agent_id" UUID NOT NULL,
    "agent_version_id" UUID NOT NULL,
    "domains" TEXT[],
    "published" BOOLEAN NOT NULL,
    "config" JSONB NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "widget_revisions_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "widget_drafts" (
    "widget_id" UUID NOT NULL,
    "fields" JSONB NOT NULL,
    "based_on" INTEGER,
    "actor_kind" "audit_actor_kind" NOT NULL,
    "actor_id" TEXT,
    "credential_id" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "widget_drafts_pkey" PRIMARY KEY ("widget_id")
);

-- CreateIndex
CREATE INDEX "widget_revisions_widget_id_created_at_id_idx" ON "widget_revisions"("widget_id", "created_at" DESC, "id" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "widget_revisions_widget_id_number_key" ON "widget_revisions"("widget_id", "number");

-- AddForeignKey
ALTER TABLE "widget_revisions" ADD CONSTRAINT "widget_revisions_widget_id_fkey" FOREIGN KEY ("widget_id") REFERENCES "widgets"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "widget_drafts" ADD CONSTRAINT "widget_drafts_widget_id_fkey" FOREIGN KEY ("widget_id") REFERENCES "widgets"("id") ON DELETE CASCADE ON UPDATE CASCADE;
