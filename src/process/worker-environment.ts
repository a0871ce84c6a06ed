import { z } from "zod";
import {
  agentName,
  baseUrl,
  collectorUrl,
  livekitUrl,
  logLevel,
  maxTalks,
  readEnvironment,
  secret,
  type LiveKitAccess,
} from "./environment.js";
import {
  checkModels,
  modelEnvironment,
  modelVariables,
  readModels,
  type ModelSettings,
} from "./model-settings.js";

// Written by the platform for the worker that it runs, and read by that one and by every other.

/** What the agent worker reads: nothing that opens the database or signs a visitor's token. */
export interface WorkerConfig {
  /** Where the platform is, without a trailing slash. */
  readonly platformUrl: string;
  readonly agentName: string;
  readonly agentSecret: string;
  readonly livekit: LiveKitAccess;
  /** How many talks it holds at a time; undefined: what the machine allows. */
  readonly maxTalks: number | undefined;
  /** Undefined: the demo answers. */
  readonly models: ModelSettings | undefined;
  readonly logLevel: z.infer<typeof logLevel>;
  /** Where traces go; undefined: there are none. */
  readonly collectorUrl: string | undefined;
}

const workerSchema = z.object({
  PARLEY_URL: baseUrl.default("http://127.0.0.1:4000"),
  AGENT_NAME: agentName,
  AGENT_SECRET: secret,
  LIVEKIT_URL: livekitUrl,
  LIVEKIT_API_KEY: z.string(),
  LIVEKIT_API_SECRET: z.string(),
  AGENT_MAX_TALKS: maxTalks,
  ...modelVariables,
  LOG_LEVEL: logLevel,
  OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl,
});

/** Its names, for the test that compares them with the documentation. */
export const WORKER_VARIABLES: readonly string[] = Object.keys(workerSchema.shape);

/** For `npm run agent`, and for the worker that the platform runs. @throws ConfigError as `readEnvironment`. */
export function loadWorkerConfig(env: Record<string, string | undefined>): WorkerConfig {
  const values = readEnvironment(workerSchema, env, checkModels);
  return {
    platformUrl: values.PARLEY_URL,
    agentName: values.AGENT_NAME,
    agentSecret: values.AGENT_SECRET,
    livekit: {
      url: values.LIVEKIT_URL,
      apiKey: values.LIVEKIT_API_KEY,
      apiSecret: values.LIVEKIT_API_SECRET,
    },
    maxTalks: values.AGENT_MAX_TALKS,
    models: readModels(values),
    logLevel: values.LOG_LEVEL,
    collectorUrl: values.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}

/** What a Node process needs of its surroundings, besides what it is told; OpenTelemetry's variables are its SDK's. */
const INHERITED = ["PATH", "HOME", "TMPDIR", "TZ", "NODE_EXTRA_CA_CERTS"];

/** The environment of a worker process: its own configuration, and no secret that is not its own. */
export function workerEnvironment(
  env: Record<string, string | undefined>,
  worker: WorkerConfig,
): Record<string, string> {
  const inherited = Object.entries(env).flatMap(([name, value]) => {
    const isForIt = INHERITED.includes(name) || name.startsWith("OTEL_");
    return isForIt && value !== undefined ? [[name, value] as const] : [];
  });
  const own: Record<keyof z.input<typeof workerSchema>, string> = {
    PARLEY_URL: worker.platformUrl,
    AGENT_NAME: worker.agentName,
    AGENT_SECRET: worker.agentSecret,
    LIVEKIT_URL: worker.livekit.url,
    LIVEKIT_API_KEY: worker.livekit.apiKey,
    LIVEKIT_API_SECRET: worker.livekit.apiSecret,
    AGENT_MAX_TALKS: worker.maxTalks === undefined ? "" : String(worker.maxTalks),
    ...modelEnvironment(worker.models),
    LOG_LEVEL: worker.logLevel,
    OTEL_EXPORTER_OTLP_ENDPOINT: worker.collectorUrl ?? "",
  };
  // Otherwise LiveKit's client tells of everything it does.
  return { ...Object.fromEntries(inherited), NODE_ENV: "production", ...own };
}

/** Where no program is. */
const NO_PROGRAMS = "/dev/null";

/**
 * The environment of a worker's processes of talks. LiveKit's client would have programs (`lsb_release`, `getconf`) tell
 * it the system's name at each join, which is a tenth of what the join costs; where there are none it reads a file.
 */
export function hostEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, PATH: NO_PROGRAMS };
}
