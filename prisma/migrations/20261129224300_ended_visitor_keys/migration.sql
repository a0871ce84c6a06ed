-- A statement sees what was there when it began, and so not that a key was ended while it waited for a
-- lock. A function that is volatile sees what is there when it is called.
CREATE FUNCTION "visitor_key_has_ended"("hash" BYTEA) RETURNS BOOLEAN LANGUAGE plpgsql VOLATILE SET search_path FROM CURRENT AS $$
BEGIN
  RETURN EXISTS (SELECT FROM "ended_visitor_keys" WHERE "key_hash" = "hash");
END $$;
