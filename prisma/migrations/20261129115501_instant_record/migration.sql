-- One row: since when every instant is known to be stored as it is. A repair makes the table before us.
CREATE TABLE IF NOT EXISTS "instant_record" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "written_under" TEXT NOT NULL,
    "before" TIMESTAMPTZ(3),
    "repaired" INTEGER NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "instant_record_pkey" PRIMARY KEY ("id")
);
