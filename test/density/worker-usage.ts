import { readFileSync } from "node:fs";
import { childrenOf } from "../support/process-tree.js";

/** What the agent worker and its processes hold and have used. */
export interface WorkerUsage {
  /** Proportional: what processes share is counted once. */
  readonly megabytes: number;
  readonly cpuSeconds: number;
}

/** `getconf CLK_TCK`, which is 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** @param platform its process id; the worker is its first child. */
export function workerUsage(platform: number): WorkerUsage {
  const [worker] = childrenOf(platform);
  const pids = worker === undefined ? [] : [worker, ...childrenOf(worker)];
  return {
    megabytes: sum(pids.map(kilobytesOf)) / 1024,
    cpuSeconds: sum(pids.map(ticksOf)) / TICKS_PER_SECOND,
  };
}

function kilobytesOf(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  return Number(/^Pss: +(\d+) kB/m.exec(rollup)?.[1] ?? 0);
}

/** In user and in kernel mode: fields 14 and 15, counted after the name, which may have spaces. */
function ticksOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}
