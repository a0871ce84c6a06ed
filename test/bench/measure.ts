import { load, type LoadResult } from "./load.js";
import type { Case, Side } from "./row.js";

const WARM_UP_SECONDS = 3;

export interface Measured {
  readonly path: string;
  readonly bar: number;
  /** Ours by the baseline's requests per second (or `byProcessor`): the median, the least and the most of the rounds. */
  readonly ratio: number;
  readonly min: number;
  readonly max: number;
  /** Medians of the rounds. */
  readonly ours: Figures;
  readonly baseline: Figures;
}

export interface Figures {
  readonly perSecond: number;
  /** Processor time of the server's process alone, in microseconds a request: says the same on a busy machine. */
  readonly cpuMicroseconds: number;
  readonly p99Ms: number;
}

/** Ours and its baseline by turns, so that a machine which is busy for a moment is so for both. */
export async function measure(
  one: Case,
  { rounds, seconds }: { rounds: number; seconds: number },
): Promise<Measured> {
  const { beside, perSecond: _slowly, ...alone } = one.ours;
  // Both of two are made as warm, and as fast as they can.
  for (const program of beside ? [beside, alone.program] : []) {
    await run({ ...alone, program }, 2 * WARM_UP_SECONDS);
  }
  await run(one.ours, WARM_UP_SECONDS, one.change);
  await run(one.baseline, WARM_UP_SECONDS);
  const change = one.changesOnce ? undefined : one.change;
  const ours: Figures[] = [];
  const baseline: Figures[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const turns = [
      async () => void ours.push(await run(one.ours, seconds, change)),
      async () => void baseline.push(await run(one.baseline, seconds)),
    ];
    // Neither is always the one who finds the machine warm.
    for (const turn of round % 2 === 0 ? turns : turns.toReversed()) await turn();
  }
  const worth = ({ perSecond, cpuMicroseconds }: Figures): number =>
    one.byProcessor ? 1 / cpuMicroseconds : perSecond;
  const ratios = ours.map((mine, round) => {
    const other = baseline[round];
    return other ? worth(mine) / worth(other) : 0;
  });
  return {
    path: one.path,
    bar: one.bar,
    ratio: median(ratios),
    min: Math.min(...ratios),
    max: Math.max(...ratios),
    ours: medians(ours),
    baseline: medians(baseline),
  };
}

async function run(
  { program, beside, requests, perSecond, bodies, varying }: Side,
  seconds: number,
  change?: () => Promise<void>,
): Promise<Figures> {
  const asked = await requests();
  const programs = beside ? [program, beside] : [program];
  const cpuSeconds = (): number => programs.reduce((sum, one) => sum + one.cpuSeconds, 0);
  const cpuBefore = cpuSeconds();
  const loading = load({
    urls: programs.map(({ url }) => url),
    seconds,
    requests: asked,
    ...(perSecond === undefined ? {} : { perSecond }),
    ...(bodies ? { bodies } : {}),
    ...(varying === undefined ? {} : { varying }),
  });
  const changing = change && pause((seconds * 1000) / 2).then(change);
  // Both are waited for, whichever fails.
  const [loaded, changed] = await Promise.allSettled([loading, changing]);
  if (loaded.status === "rejected") throw loaded.reason;
  if (changed.status === "rejected") throw changed.reason;
  return figures(loaded.value, cpuSeconds() - cpuBefore);
}

function figures({ answers, seconds, p99Ms }: LoadResult, cpuSeconds: number): Figures {
  return {
    perSecond: answers / seconds,
    cpuMicroseconds: (cpuSeconds / answers) * 1e6,
    p99Ms,
  };
}

function medians(all: readonly Figures[]): Figures {
  return {
    perSecond: median(all.map(({ perSecond }) => perSecond)),
    cpuMicroseconds: median(all.map(({ cpuMicroseconds }) => cpuMicroseconds)),
    p99Ms: median(all.map(({ p99Ms }) => p99Ms)),
  };
}

/** Of an even number the lower one of the two in the middle. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? 0;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
