import { isIP } from "node:net";
import { OperatorError } from "../process/operator-error.js";

/** What a PostgreSQL URL says. What it does not say is undefined: node-postgres has its own defaults. */
export interface ConnectionUrl {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly schema: string;
  /** Whether a pooler in transaction mode stands between: nothing may be left on a connection there. */
  readonly hasPooler: boolean;
  readonly applicationName: string | undefined;
  /** Settings for the server, as `psql` takes them: `-c work_mem=64MB`. */
  readonly options: string | undefined;
  readonly connectTimeoutSeconds: number | undefined;
  readonly maxConnections: number | undefined;
  readonly tls: TlsChoice | undefined;
}

/** libpq's meaning of `sslmode`, and the paths of PEM files. */
export interface TlsChoice {
  readonly mode: SslMode;
  readonly rootCertificate: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  readonly keyPassword: string | undefined;
}

type SslMode = (typeof SSL_MODES)[number];

/** The message is the rest of a sentence that begins with the variable's name. It never has a value in it. */
export class ConnectionUrlError extends OperatorError {
  override name = "ConnectionUrlError";
}

const SSL_MODES = ["disable", "require", "verify-ca", "verify-full", "no-verify"] as const;

const KNOWN = [
  "application_name",
  "connect_timeout",
  "connection_limit",
  "host",
  "options",
  "pgbouncer",
  "schema",
  "sslcert",
  "sslkey",
  "sslmode",
  "sslpassword",
  "sslrootcert",
] as const;
type Name = (typeof KNOWN)[number];

/** Parameters of other clients, and what to say instead. */
const INSTEAD: Readonly<Record<string, string>> = {
  channel_binding: "sslmode=verify-full",
  pool_timeout: "connect_timeout",
  ssl: "sslmode",
  sslaccept: "sslmode",
  statement_cache_size: "pgbouncer=true",
};

/** Each connection sets these itself, so that `options` cannot. */
const OWN_OPTIONS = /(?:-c\s*|--)(?:time[-_]?zone|datestyle|client[-_]encoding|search[-_]path)\b/i;

const PARTS =
  /^postgres(?:ql)?:\/\/(?:(?<credentials>[^/?#]*)@)?(?<address>[^/?#]*)(?:\/(?<database>[^?#]*))?(?:\?(?<query>[^#]*))?$/;

/**
 * Reads a URL in libpq's form with Prisma's parameters. What has no effect here is refused.
 *
 * @throws ConnectionUrlError for the first thing that is wrong.
 */
export function parseConnectionUrl(text: string): ConnectionUrl {
  if (!/^postgres(ql)?:\/\//.test(text)) refuse("must be a URL that starts with postgresql://");
  const parts = PARTS.exec(text)?.groups;
  const { credentials, address = "", database = "", query = "" } = parts ?? {};
  // A password with one of these in it is cut there, and its rest is taken for something else.
  if (!parts || /[@/]/.test(database) || query.includes("@")) {
    refuse(
      "has a character that a URL keeps for itself: in a name or a password write @ as %40, / as %2F, ? as %3F, # as %23, % as %25",
    );
  }
  const colon = credentials?.indexOf(":") ?? -1;
  const user = colon < 0 ? credentials : credentials?.slice(0, colon);
  const password = colon < 0 ? undefined : credentials?.slice(colon + 1);
  const parameters = readParameters(query);
  const limit = wholeNumber(parameters, "connection_limit", 1000);
  return {
    ...readAddress(address, parameters.get("host")),
    user: decode(user) || undefined,
    password: decode(password) || undefined,
    database: decode(database) || undefined,
    schema: readSchema(parameters.get("schema")),
    ...readPooler(parameters),
    applicationName: parameters.get("application_name"),
    connectTimeoutSeconds: wholeNumber(parameters, "connect_timeout", 300),
    maxConnections: limit,
    tls: readTls(parameters),
  };
}

function refuse(message: string): never {
  throw new ConnectionUrlError(message);
}

function decode(text: string): string;
function decode(text: string | undefined): string | undefined;
function decode(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse("has a % that begins no percent-encoded character: write a plain % as %25");
  }
}

function readParameters(query: string): ReadonlyMap<Name, string> {
  const parameters = new Map<Name, string>();
  for (const pair of query.split("&").filter((part) => part !== "")) {
    const [name = "", ...value] = pair.split("=");
    const known = KNOWN.find((one) => one === name);
    if (!known) {
      const instead = Object.hasOwn(INSTEAD, name) ? `: say ${INSTEAD[name]}` : "";
      // What looks like no name may be a part of a password.
      const named = /^\w{1,40}$/.test(name) ? `the parameter ${name}` : "a parameter";
      return refuse(`has ${named}, which is not supported${instead}`);
    }
    if (parameters.has(known)) refuse(`has the parameter ${known} twice`);
    const text = decode(value.join("="));
    if (text === "") refuse(`has the parameter ${known} without a value`);
    parameters.set(known, text);
  }
  return parameters;
}

function readAddress(
  address: string,
  socket: string | undefined,
): Pick<ConnectionUrl, "host" | "port"> {
  if (address.includes(",")) refuse("names more than one host, which is not supported");
  const found = /^(\[[^\]]*\]|[^:[\]\s]*)(?::(\d{1,5}))?$/.exec(address);
  const [, host = "", digits] = found ?? [];
  const bare = host.replace(/^\[|\]$/g, "");
  const port = digits === undefined ? undefined : Number(digits);
  const isWrong =
    !found || (bare !== host && isIP(bare) !== 6) || port === 0 || (port ?? 0) > 65535;
  if (isWrong) refuse("has no valid host and port");
  if (host !== "" && socket !== undefined) refuse("names a host and has the parameter host too");
  return { host: socket ?? (decode(bare) || undefined), port };
}

function readSchema(schema = "public"): string {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema) || /^pg_|^information_schema$/.test(schema)) {
    refuse("has a schema that is not 1 to 63 lower-case letters, digits or '_'");
  }
  return schema;
}

function readPooler(
  parameters: ReadonlyMap<Name, string>,
): Pick<ConnectionUrl, "hasPooler" | "options"> {
  const hasPooler = oneOf(parameters, "pgbouncer", ["true", "false"]) === "true";
  const options = parameters.get("options");
  if (options !== undefined && hasPooler) {
    refuse("has options, which a pooler loses: leave out options, or pgbouncer=true");
  }
  if (options !== undefined && OWN_OPTIONS.test(options)) {
    refuse(
      "has options that set a time zone, a date style, an encoding or a search_path, which Parley sets itself: name the schema as schema=…",
    );
  }
  return { hasPooler, options };
}

function readTls(parameters: ReadonlyMap<Name, string>): TlsChoice | undefined {
  const chosen = parameters.get("sslmode");
  if (chosen === "prefer" || chosen === "allow") {
    refuse(`has sslmode=${chosen}, which promises nothing: say require or disable`);
  }
  const mode = oneOf(parameters, "sslmode", SSL_MODES);
  const choice = {
    rootCertificate: parameters.get("sslrootcert"),
    certificate: parameters.get("sslcert"),
    key: parameters.get("sslkey"),
    keyPassword: parameters.get("sslpassword"),
  };
  if (mode === undefined || mode === "disable") {
    if (Object.values(choice).some((value) => value !== undefined)) {
      refuse("has certificates without an sslmode that uses them: say verify-full");
    }
    return mode === undefined ? undefined : { mode, ...choice };
  }
  if (mode === "verify-ca" && choice.rootCertificate === undefined) {
    refuse("has sslmode=verify-ca without sslrootcert: say which authority, or verify-full");
  }
  if (mode === "no-verify" && choice.rootCertificate !== undefined) {
    refuse("has sslrootcert with sslmode=no-verify, which would not use it: say verify-ca");
  }
  if ((choice.certificate === undefined) !== (choice.key === undefined)) {
    refuse("has one of sslcert and sslkey, which go together");
  }
  if (choice.keyPassword !== undefined && choice.key === undefined) {
    refuse("has sslpassword without sslkey");
  }
  return { mode, ...choice };
}

function oneOf<T extends string>(
  parameters: ReadonlyMap<Name, string>,
  name: Name,
  values: readonly T[],
): T | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  const value = values.find((one) => one === text);
  return value ?? refuse(`has the parameter ${name}, which must be ${values.join(", ")}`);
}

function wholeNumber(
  parameters: ReadonlyMap<Name, string>,
  name: Name,
  highest: number,
): number | undefined {
  const text = parameters.get(name);
  if (text === undefined) return undefined;
  const value = Number(text);
  const isRight = /^\d{1,5}$/.test(text) && value >= 1 && value <= highest;
  return isRight ? value : refuse(`has the parameter ${name}, which must be 1 to ${highest}`);
}
