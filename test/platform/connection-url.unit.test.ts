import { describe, expect, test } from "vitest";
import { parseConnectionUrl } from "../../src/platform/connection-url.js";
import { clientOptions, poolOptions } from "../../src/platform/database/connection-settings.js";

/** What node-postgres is given for a URL. */
function options(text: string) {
  return poolOptions(parseConnectionUrl(text));
}

function refusal(text: string): string {
  try {
    clientOptions(parseConnectionUrl(text));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error(`accepted: ${text}`);
}

describe("a database's URL works:", () => {
  test.each<[string, object]>([
    ["postgres://h/db", { host: "h", database: "db", user: undefined, password: undefined }],
    ["postgresql://u:p@h:6000/db", { user: "u", password: "p", host: "h", port: 6000 }],
    ["postgresql://u:p@/db", { user: "u", host: undefined, database: "db" }],
    ["postgresql:///db?host=/run", { host: "/run", database: "db" }],
    ["postgresql://%2Frun%2Fpg/db", { host: "/run/pg" }],
    ["postgresql://u@[::1]:5433/db", { host: "::1", port: 5433 }],
    ["postgresql://u:p@ss@h/db", { user: "u", password: "p@ss", host: "h" }],
    ["postgresql://u:p:s&=+!$'()*,;@h/db", { password: "p:s&=+!$'()*,;" }],
    ["postgresql://u:p%40%2F%3F%23%25@h/db", { password: "p@/?#%" }],
    ["postgresql://u:pä ö@h/db", { password: "pä ö" }],
    ["postgresql://me@server:pw@h/db", { user: "me@server", password: "pw" }],
    ["postgresql://h/db?application_name=parley%20one", { application_name: "parley one" }],
    ["postgresql://h/db?connect_timeout=7", { connectionTimeoutMillis: 7000 }],
    ["postgresql://h/db?connection_limit=3", { max: 3 }],
    ["postgresql://h/db", { max: 10, connectionTimeoutMillis: 5000 }],
    ["postgresql://h/db?options=-c%20work_mem%3D8MB", { options: "-c work_mem=8MB" }],
    ["postgresql://h/db?sslmode=disable", { ssl: false }],
    ["postgresql://h/db?pgbouncer=false", { host: "h" }],
  ])("%s", (text, expected) => {
    expect(options(text)).toMatchObject(expected);
  });

  test("its schema is public unless it says", () => {
    expect(parseConnectionUrl("postgresql://h/db").schema).toBe("public");
    expect(parseConnectionUrl("postgresql://h/db?schema=parley_a").schema).toBe("parley_a");
  });

  test.each<[string, boolean]>([
    ["require", false],
    ["no-verify", false],
    ["verify-full", true],
  ])("sslmode=%s means what libpq means by it", (mode, isVerified) => {
    const { ssl } = options(`postgresql://h/db?sslmode=${mode}`);
    expect(ssl).toMatchObject({ rejectUnauthorized: isVerified });
  });
});

describe("a database's URL is refused in one sentence, without its password:", () => {
  test.each([
    ["mysql://u:PASS@h/db", "postgresql://"],
    ["postgresql://u:PASS/x@h/db", "%2F"],
    ["postgresql://u:1234/PASS@h/db", "%2F"],
    ["postgresql://u:PASS?x@h/db", "%3F"],
    ["postgresql://u:PASS#x@h/db", "%23"],
    ["postgresql://u:PASS@x/y@h/db", "%2F"],
    ["postgresql://u:PASS@x#y@h/db", "%23"],
    ["postgresql://u:PASS%@h/db", "%25"],
    ["postgresql://u:PASS%zz@h/db", "%25"],
    ["postgresql://u:PASS@h/db/more", "%2F"],
    ["postgresql://u:PASS@[bad/db", "host"],
    ["postgresql://u:PASS@h:99999/db", "port"],
    ["postgresql://u:PASS@h:x/db", "port"],
    ["postgresql://u:PASS@a,b/db", "more than one host"],
    ["postgresql://u:PASS@h/db?host=/run", "host"],
    ["postgresql://u:PASS@h/db?schema=Parley", "lower-case"],
    ["postgresql://u:PASS@h/db?schema=pg_x", "schema"],
    ["postgresql://u:PASS@h/db?schema=a,b", "schema"],
    ["postgresql://u:PASS@h/db?schema=", "schema"],
    ["postgresql://u:PASS@h/db?schema=a&schema=b", "twice"],
    ["postgresql://u:PASS@h/db?options=-c%20search_path%3Dx", "schema="],
    ["postgresql://u:PASS@h/db?options=--search-path%3Dx", "schema="],
    ["postgresql://u:PASS@h/db?options=-cTimeZone%3DCET", "time zone"],
    ["postgresql://u:PASS@h/db?options=-c%20work_mem%3D8MB&pgbouncer=true", "options"],
    ["postgresql://u:PASS@h/db?pgbouncer=yes", "true, false"],
    ["postgresql://u:PASS@h/db?connection_limit=0", "1 to 1000"],
    ["postgresql://u:PASS@h/db?connection_limit=many", "1 to 1000"],
    ["postgresql://u:PASS@h/db?connect_timeout=0", "1 to 300"],
    ["postgresql://u:PASS@h/db?pool_timeout=5", "connect_timeout"],
    ["postgresql://u:PASS@h/db?statement_cache_size=0", "pgbouncer=true"],
    ["postgresql://u:PASS@h/db?channel_binding=require", "channel_binding"],
    ["postgresql://u:PASS@h/db?target_session_attrs=any", "target_session_attrs"],
    ["postgresql://u:PASS@h/db?ssl=true", "sslmode"],
    ["postgresql://u:PASS@h/db?sslmode=prefer", "require or disable"],
    ["postgresql://u:PASS@h/db?sslmode=allow", "require or disable"],
    ["postgresql://u:PASS@h/db?sslmode=strict", "verify-full"],
    ["postgresql://u:PASS@h/db?sslmode=verify-ca", "sslrootcert"],
    ["postgresql://u:PASS@h/db?sslrootcert=/ca.pem", "sslmode"],
    ["postgresql://u:PASS@h/db?sslmode=no-verify&sslrootcert=/ca.pem", "verify-ca"],
    ["postgresql://u:PASS@h/db?sslmode=require&sslcert=/c.pem", "sslkey"],
    ["postgresql://u:PASS@h/db?sslmode=require&sslpassword=PASS", "sslkey"],
    ["postgresql://u:PASS@h/db?sslmode=verify-full&sslrootcert=/no/ca.pem", "/no/ca.pem (ENOENT)"],
    ["postgresql://u:PASS@h/db?sslmode=verify-full&sslrootcert=/", "(EISDIR)"],
  ])("%s", (text, part) => {
    const message = refusal(text);
    expect(message).toContain(part);
    expect(message).not.toContain("PASS");
    expect(message.split("\n")).toHaveLength(1);
  });
});
