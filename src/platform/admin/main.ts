import { Command, InvalidArgumentError, Option } from "commander";
import { SCOPES, type Scope } from "../auth/scopes.js";
import { loadConfig, type Config } from "../config.js";
import { RetentionService } from "../conversations/retention.service.js";
import { openDatabase, type DatabaseHandle } from "../database/client.js";
import { DirectoryInUseError } from "../database/directory-lock.js";
import { repairInstants, type ColumnRepair } from "../database/instants.js";
import { migrate } from "../database/migrate.js";
import { parseTimestamp } from "../../protocol/timestamp.js";
import { AppError, errorCode } from "../errors.js";
import { LiveKitRooms, NO_ROOMS, type Rooms } from "../livekit/rooms.js";
import { createLog } from "../../process/log.js";
import { explainToOperator } from "../../process/operator-error.js";
import { MAX_RETENTION_DAYS } from "../organizations/retention-days.js";
import { InviteService } from "../people/invite.service.js";
import { existingSecrets, livekitKey } from "../secrets.js";
import { BackupService } from "./backup.service.js";
import { keyState, OperatorService } from "./operator.service.js";

interface Tools {
  readonly operator: OperatorService;
  readonly backups: BackupService;
}

/** What can be wrong with a file that a command names. */
const FILE_ERRORS: Readonly<Record<string, string>> = {
  EEXIST: "That file exists already.",
  ENOENT: "There is no such file.",
  EISDIR: "That is a directory.",
};

/** What a command answers: `text` for a shell, `data` for `--json`. */
interface Outcome {
  readonly text: string;
  readonly data: unknown;
}

const program = new Command("admin")
  .description(
    "Administers a Parley installation on its own database. With the embedded database, stop the server first.",
  )
  .option("--json", "print JSON instead of a bare id, secret or list")
  .configureHelp({ showGlobalOptions: true })
  .showHelpAfterError();

const organization = program.command("org").description("organizations");
organization
  .command("create")
  .description("make an organization; prints its id")
  .argument("<name>", "its name", organizationName)
  .option("--id <id>", "its id, made up unless given", organizationId)
  .action((name: string, options: { id?: string }) =>
    run(async ({ operator }) => created("id", await operator.createOrganization(name, options.id))),
  );
organization
  .command("list")
  .description("all organizations: id, name")
  .action(() =>
    run(async ({ operator }) =>
      listed(await operator.listOrganizations(), (row) => `${row.id}\t${row.name}`),
    ),
  );
organization
  .command("retention")
  .description("how many days to keep ended conversations; prints the id")
  .argument("<id>", "the organization")
  .argument("<days>", 'a number, or "forever"', retentionDays)
  .action((id: string, days: number | null) =>
    run(async ({ operator }) => created("id", await operator.setRetention(id, days))),
  );

organization
  .command("limits")
  .description("what the talks of its widgets may use up; prints the id")
  .argument("<id>", "the organization")
  .argument("<limits>", `JSON such as '{"concurrent_talks":50}'; {}: the defaults`, jsonObject)
  .action((id: string, limits: object) =>
    run(async ({ operator }) => created("id", await operator.setLimits(id, limits))),
  );

const user = program.command("user").description("users");
user
  .command("create")
  .description("make a user; prints the id")
  .argument("<email>", "their address")
  .option("--name <name>", "their name", "")
  .action((email: string, options: { name: string }) =>
    run(async ({ operator }) => created("id", await operator.createUser(email, options.name))),
  );

user
  .command("invite")
  .description("make a link by which somebody becomes a member; prints it, this once")
  .requiredOption("--org <id>", "the organization")
  .requiredOption("--email <email>", "their address")
  .addOption(
    new Option("--role <role>", "what they may do").choices(["admin", "viewer"]).default("viewer"),
  )
  .action((options: { org: string; email: string; role: "admin" | "viewer" }) =>
    run(async ({ operator }) =>
      created("link", await operator.inviteUser(options.org, options.email, options.role)),
    ),
  );
user
  .command("reset")
  .description("make a link by which a user gets another password; prints it, this once")
  .argument("<user>", "an id or an e-mail address")
  .action((id: string) =>
    run(async ({ operator }) => created("link", await operator.resetPassword(id))),
  );
user
  .command("remove-second-factor")
  .description(
    "take their app and passkeys from a user who has lost them, so that a password alone signs them in; prints the id",
  )
  .argument("<user>", "an id or an e-mail address")
  .action((id: string) =>
    run(async ({ operator }) => created("id", await operator.removeSecondFactor(id))),
  );

const member = program.command("member").description("memberships");
member
  .command("add")
  .description("make a user a member, or change their role; prints the user's id")
  .requiredOption("--org <id>", "the organization")
  .requiredOption("--user <user>", "an id or an e-mail address")
  .addOption(
    new Option("--role <role>", "what they may do").choices(["admin", "viewer"]).default("viewer"),
  )
  .action((options: { org: string; user: string; role: "admin" | "viewer" }) =>
    run(async ({ operator }) =>
      created("id", await operator.addMember(options.org, options.user, options.role)),
    ),
  );

const key = program.command("key").description("an organization's API keys");
key
  .command("create")
  .description("make a key; prints its secret, which cannot be shown again")
  .requiredOption("--org <id>", "the organization")
  .option("--name <name>", "what it is for", "command line")
  .addOption(new Option("--scope <scope...>", "what it may do; all unless given").choices(SCOPES))
  .option("--expires <time>", "ISO 8601 with a zone", timestamp)
  .action((options: { org: string; name: string; scope?: Scope[]; expires?: Date }) =>
    run(async ({ operator }) => {
      const { name, scope: scopes = [], expires: expiresAt } = options;
      return created("secret", await operator.createKey(options.org, { name, scopes, expiresAt }));
    }),
  );
key
  .command("list")
  .description("an organization's keys: id, name, state, scopes")
  .requiredOption("--org <id>", "the organization")
  .action((options: { org: string }) =>
    run(async ({ operator }) =>
      listed(await operator.listKeys(options.org), (row) =>
        [row.id, row.name, keyState(row, new Date()), row.scopes.join(",")].join("\t"),
      ),
    ),
  );
key
  .command("revoke")
  .description("end a key at once; prints its id")
  .argument("<id>", "the part between ak_ and the dot")
  .action((id: string) => run(async ({ operator }) => created("id", await operator.revokeKey(id))));

const token = program.command("pat").description("users' personal access tokens");
token
  .command("create")
  .description("make a token; prints its secret, which cannot be shown again")
  .requiredOption("--user <user>", "an id or an e-mail address")
  .option("--name <name>", "what it is for", "command line")
  .option("--expires <time>", "ISO 8601 with a zone", timestamp)
  .action((options: { user: string; name: string; expires?: Date }) =>
    run(async ({ operator }) => {
      const { name, expires: expiresAt } = options;
      return created(
        "secret",
        await operator.createPersonalToken(options.user, { name, expiresAt }),
      );
    }),
  );
token
  .command("revoke")
  .description("end a token at once; prints its id")
  .argument("<id>", "the part between pat_ and the dot")
  .action((id: string) =>
    run(async ({ operator }) => created("id", await operator.revokePersonalToken(id))),
  );

const visitor = program.command("visitor").description("visitors");
visitor
  .command("erase")
  .description(
    "remove a visitor's conversations for good and close their rooms; prints how many there were",
  )
  .requiredOption("--org <id>", "the organization")
  .requiredOption("--user-id <id>", "the visitor, exactly")
  .action((options: { org: string; userId: string }) =>
    run(async ({ operator }) =>
      created("removed", await operator.eraseVisitor(options.org, options.userId)),
    ),
  );

program
  .command("audit")
  .description(
    "who changed what, newest first: time, who, way, action, subject; --json has the changes",
  )
  .option("--org <id>", "in this organization; else what concerns the whole installation")
  .option("--last <count>", "how many entries", entryCount, 50)
  .action((options: { org?: string; last: number }) =>
    run(async ({ operator }) =>
      listed(await operator.listAudit(options.org ?? null, options.last), (entry) =>
        [
          entry.createdAt.toISOString(),
          entry.actorId ?? "-",
          entry.via,
          entry.action,
          entry.subjectId ?? "-",
        ].join("\t"),
      ),
    ),
  );

program
  .command("backup")
  .description("write everything to one file; prints the number of rows")
  .requiredOption("--to <file>", "a file that does not exist yet")
  .action((options: { to: string }) =>
    run(async ({ backups }) => created("rows", await backups.backup(options.to))),
  );
program
  .command("restore")
  .description("read a backup into an empty database; prints the number of rows")
  .requiredOption("--from <file>", "a file that backup wrote")
  .action((options: { from: string }) =>
    run(async ({ backups }) => created("rows", await backups.restore(options.from))),
  );

const databaseCommands = program.command("database").description("the database itself");
databaseCommands
  .command("repair-instants")
  .description(
    "give back their value to instants that an earlier version stored under another TimeZone; shows what it would change, unless told to apply it",
  )
  .requiredOption("--from <zone>", "the TimeZone then, such as Asia/Kathmandu; UTC: they are right")
  .option("--before <time>", "only what was written earlier; ISO 8601 with a zone", instant)
  .option("--apply", "change it, in one transaction and only once", false)
  .action((options: { from: string; before?: Date; apply: boolean }) =>
    runBare(async (database) => {
      const changes = await repairInstants(database, { ...options, now: new Date() });
      const line = (change: ColumnRepair): string =>
        `${change.table}.${change.column}\t${change.values}\t${change.stored.toISOString()} -> ${change.repaired.toISOString()}`;
      const { text } = listed(changes, line);
      const end = options.apply ? "Done, and recorded." : "Nothing is changed yet: say --apply.";
      return { text: `${text}\n${end}`.trim(), data: { applied: options.apply, changes } };
    }),
  );

await program.parseAsync();

/** Runs a command on a database of this version. */
function run(command: (tools: Tools) => Promise<Outcome>): Promise<void> {
  return runBare(async (database, config) => {
    await migrate(database);
    const rooms = await roomsOf(config);
    const now = (): Date => new Date();
    const operator = new OperatorService(
      database.db,
      new RetentionService(database.db, rooms, now),
      now,
      new InviteService(database.db, config.consoleUrl, now),
    );
    const outcome = await command({ operator, backups: new BackupService(database.db, now) });
    await rooms.close();
    return outcome;
  });
}

/** Opens the database, as it is, for one command. On stdout stands the result and nothing else. */
async function runBare(
  command: (database: DatabaseHandle, config: Config) => Promise<Outcome>,
): Promise<void> {
  try {
    const config = loadConfig(process.env);
    const database = await openDatabase({ ...config, isUnbounded: true });
    try {
      const { text, data } = await command(database, config);
      const isJson = program.opts<{ json?: boolean }>().json === true;
      process.stdout.write(
        isJson ? `${JSON.stringify(data, null, 2)}\n` : text === "" ? "" : `${text}\n`,
      );
    } finally {
      await database.close();
    }
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exitCode = 1;
  }
}

async function roomsOf(config: Config): Promise<Rooms> {
  if (config.livekit) return new LiveKitRooms(config.livekit, createLog("warn", 2));
  // No server runs beside us then, nor its LiveKit.
  if (config.databaseUrl === undefined) return NO_ROOMS;
  const secrets = await existingSecrets(config.dataDir);
  const { port, key: given } = config.embeddedLivekit;
  const access = given ?? (secrets && livekitKey(secrets));
  if (!access) return NO_ROOMS;
  // Where no development server runs nobody answers: there are no rooms either.
  return new LiveKitRooms({ url: `ws://127.0.0.1:${port}`, ...access }, createLog("silent"));
}

function explain(error: unknown): string {
  if (error instanceof DirectoryInUseError) {
    return `${error.message} The embedded database serves one process: stop the server before using this tool, or use GraphQL.`;
  }
  if (error instanceof AppError) return error.message;
  return FILE_ERRORS[errorCode(error) ?? ""] ?? explainToOperator(error);
}

function created(name: string, value: string | number): Outcome {
  return { text: String(value), data: { [name]: value } };
}

function listed<T>(rows: readonly T[], line: (row: T) => string): Outcome {
  return { text: rows.map(line).join("\n"), data: rows };
}

function organizationId(text: string): string {
  if (!/^[\w-]{1,64}$/.test(text))
    throw new InvalidArgumentError("1 to 64 letters, digits, '_' or '-'.");
  return text;
}

function organizationName(text: string): string {
  const name = text.trim();
  if (name === "" || name.length > 200) throw new InvalidArgumentError("1 to 200 characters.");
  return name;
}

function timestamp(text: string): Date {
  const date = parseTimestamp(text);
  if (!date || date <= new Date())
    throw new InvalidArgumentError("A time in the future, ISO 8601 with a zone.");
  return date;
}

function instant(text: string): Date {
  const date = parseTimestamp(text);
  if (!date) throw new InvalidArgumentError("A time, ISO 8601 with a zone.");
  return date;
}

function entryCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > 10_000)
    throw new InvalidArgumentError("1 to 10000.");
  return count;
}

function jsonObject(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError("A JSON object.");
}

function retentionDays(text: string): number | null {
  if (text === "forever") return null;
  const days = Number(text);
  if (!Number.isInteger(days) || days < 1 || days > MAX_RETENTION_DAYS)
    throw new InvalidArgumentError(`1 to ${MAX_RETENTION_DAYS}, or "forever".`);
  return days;
}
