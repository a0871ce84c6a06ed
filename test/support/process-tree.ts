import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The ids of a process's children, from Linux itself; none once it has ended. */
export function childrenOf(pid: number): number[] {
  try {
    const list = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
    return list.split(" ").filter(Boolean).map(Number);
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Whether a process has a TCP connection, established, to a port of this machine. */
export function isConnectedTo(pid: number, port: number): boolean {
  const sockets = establishedTo(port);
  try {
    return readdirSync(`/proc/${pid}/fd`).some((descriptor) => {
      const target = linkOf(`/proc/${pid}/fd/${descriptor}`);
      return sockets.has(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? "");
    });
  } catch (error) {
    if (isGone(error)) return false;
    throw error;
  }
}

/** The kernel's numbers of the sockets: column 10 of its table; state 1 is "established". */
function establishedTo(port: number): Set<string> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  const rows = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((table) =>
    readFileSync(table, "utf8").split("\n"),
  );
  const numbers = rows.flatMap((row) => {
    const columns = row.trim().split(/\s+/);
    const isTheirs = columns[2]?.endsWith(suffix) === true && columns[3] === "01";
    return isTheirs ? [columns[9] ?? ""] : [];
  });
  return new Set(numbers);
}

/** A descriptor may be closed between the list and the look. */
function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isGone(error)) return "";
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return (
    error instanceof Error && "code" in error && ["ENOENT", "ESRCH"].includes(String(error.code))
  );
}
