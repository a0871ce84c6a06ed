/** The load generator's process: autocannon, as it is told by `load.ts`. */
import autocannon, { type Client } from "autocannon";
import { CONNECTIONS, type LoadPlan, type LoadResult } from "./load.js";

process.once("message", (plan) => void run(plan as LoadPlan));
// The bench is gone: nobody wants the answers.
process.once("disconnect", () => process.exit(1));

/** Its types know one address alone, its documentation several. */
function dealtOut(urls: readonly string[]): string {
  return [...urls] as unknown as string;
}

async function run(plan: LoadPlan): Promise<void> {
  const { urls, seconds, perSecond, requests, bodies, varying } = plan;
  const connections = CONNECTIONS * urls.length;
  const known = new Set(bodies);
  const differs = varying === undefined ? undefined : new RegExp(varying, "g");
  const bare = new Set(bodies?.map(withoutVarying));
  let sample: string | undefined;
  let connection = 0;
  const running = autocannon({
    url: dealtOut(urls),
    connections,
    duration: seconds,
    ...(perSecond === undefined ? {} : { connectionRate: perSecond }),
    setupClient: (client: Client) => {
      const first = connection++;
      client.setRequests(requests.filter((_, index) => index % connections === first));
    },
    ...(bodies ? { verifyBody: (body: unknown) => isRight(String(body)) } : {}),
  });
  const result = await running;
  const wrong = new Map<string, number>();
  for (const [status, { count }] of Object.entries(result.statusCodeStats ?? {})) {
    if (!/^2|^304$/.test(status)) wrong.set(status, count ?? 0);
  }
  for (const name of ["errors", "timeouts", "mismatches"] as const) {
    if (result[name] > 0) wrong.set(name, result[name]);
  }
  const answer: LoadResult = {
    answers: result["2xx"] + result["3xx"],
    seconds: result.duration,
    p99Ms: result.latency.p99,
    wrong: Object.fromEntries(wrong),
    ...(sample === undefined ? {} : { sample }),
  };
  process.send?.(answer, () => process.exit(0));

  function isRight(body: string): boolean {
    if (known.has(body)) return true;
    const isKnown = bare.has(withoutVarying(body));
    // The next one is found at once.
    if (isKnown) known.add(body);
    else sample ??= body;
    return isKnown;
  }

  function withoutVarying(body: string): string {
    return differs ? body.replaceAll(differs, "") : body;
  }
}
