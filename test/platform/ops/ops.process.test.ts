import { expect, test } from "vitest";
import { freePort } from "../../support/free-port.js";
import {
  cleanUpProcesses,
  FOREIGN_LIVEKIT,
  ParleyProcess,
  temporaryDirectory,
} from "../../support/process.js";

cleanUpProcesses();

test("metrics are served on a port of their own until everything else has stopped", async () => {
  const port = await freePort();
  const parley = await ParleyProcess.start({
    ...FOREIGN_LIVEKIT,
    DATA_DIR: await temporaryDirectory(),
    OPS_PORT: String(port),
    // Long enough to be looked at.
    SHUTDOWN_GRACE_SECONDS: "10",
  });
  const scrape = async (): Promise<string> =>
    (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  expect(await scrape()).toContain("nodejs_eventloop_lag_p99_seconds");
  expect((await parley.json("/metrics")).status).toBe(404);
  parley.kill("SIGTERM");
  await expect.poll(async () => (await parley.json("/readyz")).status).toBe(503);
  expect(await scrape()).toContain("parley_http_request_duration_seconds");
  expect(await parley.exit).toBe(0);

  const refused = await ParleyProcess.spawn({
    ...FOREIGN_LIVEKIT,
    DATA_DIR: await temporaryDirectory(),
    PORT: String(port),
    OPS_PORT: String(port),
  });
  expect(await refused.exit).toBe(1);
  expect(refused.output).toContain("OPS_PORT must be another port than PORT");
});
