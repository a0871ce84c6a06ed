import { fileURLToPath } from "node:url";
import type { ApolloServer } from "@apollo/server";
import type { GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { AgentService } from "./agents/agent.service.js";
import { AuditService } from "./audit/audit.service.js";
import { lazyBrandReader } from "./brand/lazy-brand-reader.js";
import type { SafeFetcher } from "../process/web/safe-fetch.js";
import { CredentialsService } from "./auth/credentials.service.js";
import {
  DEFAULT_RATE_LIMITS,
  RateLimits,
  type RateLimitName,
  type RateLimitRule,
} from "./auth/rate-limits.js";
import type { RedisCounts } from "./auth/redis-counts.js";
import { IdentityTokens } from "./auth/identity-token.js";
import { SecretBox } from "./auth/secret-box.js";
import { RecentlyVerified } from "./auth/recently-verified.js";
import { SignedTokens } from "./auth/signed-token.js";
import { VisitorTokens } from "./auth/visitor-token.js";
import { agentConfigSchemaOf } from "../protocol/agent-config.js";
import { composePeople, type People } from "./compose-people.js";
import type { Config } from "./config.js";
import { hasVoice } from "../process/model-settings.js";
import type { LiveKitAccess } from "../process/environment.js";
import type { RequestContext } from "./auth/context.js";
import { ConversationEventsService } from "./conversations/conversation-events.service.js";
import { ConversationWatchService } from "./conversations/conversation-watch.service.js";
import { ConversationStartsService } from "./conversations/conversation-starts.service.js";
import { ConversationStartsWatchService } from "./conversations/conversation-starts-watch.service.js";
import { ConversationCountsService } from "./conversations/conversation-counts.service.js";
import { ConversationService } from "./conversations/conversation.service.js";
import { LifecycleService } from "./conversations/lifecycle.service.js";
import { LiveTalkService } from "./conversations/live-talk.service.js";
import { PublicConversationService } from "./conversations/public-conversation.service.js";
import { StartConversationService } from "./conversations/start-conversation.service.js";
import { SummaryService } from "./conversations/summary.service.js";
import { StartOnceService } from "./conversations/start-once.service.js";
import { TalkSharesService } from "./conversations/talk-shares.service.js";
import { DraftPreviewService } from "./conversations/draft-preview.service.js";
import { VisitorHandleService } from "./conversations/visitor-handle.service.js";
import { VisitorService } from "./conversations/visitor.service.js";
import { VisitorDataService } from "./conversations/visitor-data.service.js";
import type { DatabaseHandle } from "./database/client.js";
import { createHotReads } from "./database/hot-reads.js";
import { createLoaders, type Loaders } from "./database/loaders.js";
import { readTalkUsage, type TalkUsage } from "./database/talk-usage.js";
import { createResolvers } from "./resolvers.js";
import { buildGraphQLSchema } from "./schema.js";
import { EventStreams, type StreamLimits } from "./http/event-streams.js";
import { createApolloServer } from "./graphql/apollo-server.js";
import { KnownOperations } from "./graphql/known-operations.js";
import { LiveKitAgentCalls } from "./livekit/agent-calls.js";
import { LiveKitRooms, type Rooms } from "./livekit/rooms.js";
import { WebhookVerifier } from "./livekit/webhook.js";
import { loadConsoleFiles, type ConsoleFiles } from "./console/console-files.js";
import { loadEmbedFiles, type EmbedFiles } from "./embed/embed-files.js";
import { OrganizationService } from "./organizations/organization.service.js";
import { closeRoomsOfWidget } from "./conversations/close-rooms.js";
import { UsageService } from "./conversations/usage.service.js";
import { RetentionService } from "./conversations/retention.service.js";
import { ApiKeyService } from "./organizations/api-key.service.js";
import { ownOrigins, PublicWidgetService } from "./widgets/public-widget.service.js";
import { LiveWidgets } from "./widgets/live-widgets.service.js";
import { WidgetHistoryService } from "./widgets/widget-history.service.js";
import { WidgetService } from "./widgets/widget.service.js";
import { JobService } from "./dispatch/job.service.js";
import { PresenceService } from "./dispatch/presence.service.js";
import { RecallService } from "./dispatch/recall.service.js";
import type { Tracing } from "../process/tracing.js";
import { Leases } from "./database/leases.js";
import type { Metrics } from "./ops/metrics.js";
import { WorkerAuth } from "./dispatch/worker-auth.js";

/** Beside `src` and `dist` alike: both are one level below the root. */
const EMBED_DIR = fileURLToPath(new URL("../../dist/widget", import.meta.url));
const CONSOLE_DIR = fileURLToPath(new URL("../../dist/console", import.meta.url));
const PREVIEW_DIR = fileURLToPath(new URL("../../dist/preview", import.meta.url));

/** What the process brings: everything else is built from it. */
export interface Environment {
  readonly config: Config;
  readonly log: Logger;
  readonly database: DatabaseHandle;
  readonly livekit: LiveKitAccess;
  readonly appSecret: string;
  readonly agentSecret: string;
  /** Whether this process runs the agent worker itself: until it reports, no agent would answer. */
  readonly ownWorker?: boolean;
  readonly now?: () => Date;
  readonly tracing?: Tracing | undefined;
  readonly rateLimits?: Partial<Record<RateLimitName, RateLimitRule>>;
  /** Tests have fewer streams, and are in a hurry. */
  readonly streams?: { readonly limits?: StreamLimits; readonly askedAgainMs?: number };
  /** Tests put a fake at this process boundary. */
  readonly rooms?: Rooms;
  /** Tests let it reach servers of their own. */
  readonly brandFetcher?: SafeFetcher;
}

/** Everything, built once. Nobody but this, `compose-people.ts` and the operator's command line calls `new` on a service or a client. */
export interface Parley extends People {
  readonly config: Config;
  readonly log: Logger;
  readonly database: DatabaseHandle;
  /** Those of one request. */
  readonly loaders: () => Loaders;
  readonly schema: GraphQLSchema;
  readonly operations: KnownOperations;
  readonly streams: EventStreams;
  readonly apollo: ApolloServer<RequestContext>;
  readonly credentials: CredentialsService;
  readonly limits: RateLimits;
  readonly verified: RecentlyVerified;
  readonly gate: PublicWidgetService;
  readonly lifecycle: LifecycleService;
  readonly retention: RetentionService;
  readonly audit: AuditService;
  readonly counts: ConversationCountsService;
  readonly summaries: SummaryService;
  readonly visitors: VisitorService;
  readonly previews: DraftPreviewService;
  readonly handles: VisitorHandleService;
  readonly starts: StartOnceService;
  readonly shares: TalkSharesService;
  readonly workerAuth: WorkerAuth;
  readonly presence: PresenceService;
  readonly jobs: JobService;
  readonly recalls: RecallService;
  readonly leases: Leases;
  readonly webhooks: WebhookVerifier;
  readonly rooms: Rooms;
  /** Absent: limits are counted in this process's memory. */
  readonly sharedCounts: RedisCounts | undefined;
  readonly publicOrigin: string;
  /** Absent without `OPS_PORT`: nothing is counted then. */
  readonly metrics: Metrics | undefined;
  readonly tracing: Tracing | undefined;
  /** Absent when the embed was not built. */
  readonly embed: EmbedFiles | undefined;
  /** Absent when it was not built, and with `CONSOLE=off`. */
  readonly console: ConsoleFiles | undefined;
  readonly livekitUrl: string;
  readonly hasVoice: boolean;
  readonly publicUrl: string;
  /** What stands before `/console`: the same, unless the console has an origin of its own. */
  readonly consoleUrl: string;
  /** The path of `PUBLIC_URL`, such as `/chat`; empty when there is none. */
  readonly publicPath: string;
}

/** The composition root. The Apollo server is started; nothing listens and no timer runs yet. */
export async function compose(env: Environment): Promise<Parley> {
  const { config, log, database, livekit } = env;
  const { publicUrl } = config;
  const { db, prepared } = database;
  const reads = createHotReads(prepared);
  const now = env.now ?? (() => new Date());
  const usageOf = (ids: readonly string[]): Promise<TalkUsage[]> =>
    readTalkUsage(prepared, "widgets", { asked: JSON.stringify(ids), now: now() });
  const sources = { db, reads, usageOf };
  const metrics = config.ops && new (await import("./ops/metrics.js")).Metrics();
  const sharedCounts =
    config.redisUrl === undefined
      ? undefined
      : await (await import("./auth/redis-counts.js")).RedisCounts.open(config.redisUrl, log);
  const limits = new RateLimits(
    { ...DEFAULT_RATE_LIMITS, ...env.rateLimits },
    (name) => metrics?.limitHit(name),
    sharedCounts && ((name, windowSeconds) => sharedCounts.counter(name, windowSeconds)),
  );
  const verified = new RecentlyVerified();
  const tokens = new SignedTokens(env.appSecret, now);
  const visitorTokens = new VisitorTokens(tokens, now);
  const box = new SecretBox(env.appSecret);
  const identityTokens = new IdentityTokens(box, now);
  const rooms = env.rooms ?? new LiveKitRooms(livekit, log);
  const workerAuth = new WorkerAuth(env.agentSecret, limits, verified);
  const presence = new PresenceService({
    db,
    auth: workerAuth,
    agentName: config.agentName,
    ownWorker: env.ownWorker ?? false,
    now,
  });

  const live = new LiveWidgets(db, config.usageLimits);
  const gate = new PublicWidgetService({
    live,
    tokens,
    limits,
    own: ownOrigins(config),
    now,
  });
  const offer = config.models ?? { names: [], voices: [] };
  const agents = new AgentService(
    db,
    agentConfigSchemaOf(offer),
    config.models,
    () => live.forgetAll(),
    now,
  );
  const shares = new TalkSharesService({
    db,
    live,
    rooms,
    defaults: config.usageLimits,
    onRefused: (usedUp) => metrics?.limitHit(usedUp),
    now,
  });
  const summaries = new SummaryService({ db, models: config.models, shares, log, now });
  const embed = await loadEmbedFiles(EMBED_DIR);
  const widgets = new WidgetService({
    db,
    reads,
    live,
    closeRooms: (widgetId) => closeRoomsOfWidget({ db, rooms, summaries, now }, widgetId),
    agents: presence,
    models: config.models,
    brands: lazyBrandReader(log, env.brandFetcher),
    limits,
    identityTokens,
    publicUrl,
    pinnedLoader: embed?.manifest.released,
    now,
  });
  const conversations = new ConversationService(db);
  const visitors = new VisitorService({
    db,
    gate,
    visitorTokens,
    identityTokens,
    limits,
    rooms,
    summaries,
    now,
  });
  const handles = new VisitorHandleService({ db, gate, visitors, visitorTokens, box, limits, now });
  const liveTalks = new LiveTalkService({
    db,
    rooms,
    livekit,
    agentName: config.agentName,
    summaries,
    now,
  });
  const once = new StartOnceService(db, box, now);
  const publicConversations = new PublicConversationService({
    db,
    prepared,
    gate,
    visitors,
    visitorTokens,
    limits,
    now,
  });
  const visitorData = new VisitorDataService({ db, gate, visitors, summaries, limits, rooms, now });
  const answering = {
    visitorTokens,
    agents: presence,
    livekit,
    agentName: config.agentName,
    hasVoice: hasVoice(config.models),
    tracing: env.tracing,
  };
  const starts = new StartConversationService({
    ...answering,
    db,
    prepared,
    gate,
    visitors,
    once,
    shares,
    limits,
    rooms,
    now,
  });
  const credentials = new CredentialsService(db, limits, now, verified);
  const { appSecret } = env;
  const people = composePeople({
    config,
    db,
    credentials,
    verified,
    limits,
    box,
    appSecret,
    log,
    now,
  });
  const { sessions } = people;
  const previews = new DraftPreviewService({ ...answering, db, sessions, shares, limits, now });
  const counts = new ConversationCountsService(db);
  const organizations = new OrganizationService(
    db,
    () => live.forgetAll(),
    config.usageLimits,
    now,
  );
  const keys = new ApiKeyService(db, credentials, now);
  const retention = new RetentionService(db, rooms, now);
  const audit = new AuditService(db, config.auditRetentionDays, now);

  const history = new WidgetHistoryService(db, widgets, now);
  const usage = new UsageService(prepared, widgets, config.usageLimits, now);

  const events = new ConversationEventsService({
    ...env.streams,
    db,
    watch: new ConversationWatchService(db, log),
  });
  const conversationStarts = new ConversationStartsService({
    ...env.streams,
    watch: new ConversationStartsWatchService(db, now, log),
  });
  const schema = buildGraphQLSchema(
    createResolvers({
      agents,
      widgets,
      gate,
      history,
      conversations,
      liveTalks,
      publicConversations,
      starts,
      visitors,
      previews,
      handles,
      events,
      conversationStarts,
      keys,
      audit,
      organizations,
      people,
      retention,
      visitorData,
      usage,
    }),
  );
  const operations = new KnownOperations(schema);
  const streams = new EventStreams(operations, log, env.streams?.limits);
  metrics?.watch({
    caches: { live_widgets: live.recent, credentials: credentials.recent },
    pool: database.pool,
    streams: () => streams.count,
    conversations: () => counts.byStatus(),
    workers: () => presence.look(),
  });
  const apollo = createApolloServer(operations, {
    freshLoaders: () => createLoaders(sources, { cache: false }),
    log,
  });
  await apollo.start();

  return {
    config,
    log,
    database,
    loaders: () => createLoaders(sources),
    schema,
    operations,
    streams,
    apollo,
    verified,
    credentials,
    ...people,
    limits,
    gate,
    retention,
    audit,
    counts,
    metrics,
    tracing: env.tracing,
    visitors,
    previews,
    handles,
    starts: once,
    shares,
    lifecycle: new LifecycleService(db, rooms, log, now, summaries),
    summaries,
    workerAuth,
    presence,
    jobs: new JobService({
      db,
      prepared,
      auth: workerAuth,
      verified,
      tokens,
      shares,
      rooms,
      onTurns: (turns) => metrics?.turnsStored(turns),
      now,
    }),
    recalls: new RecallService({
      db,
      calls: new LiveKitAgentCalls(livekit),
      agents: presence,
      agentName: config.agentName,
      tracing: env.tracing,
      log,
      now,
    }),
    leases: new Leases(db, now),
    webhooks: new WebhookVerifier(livekit),
    rooms,
    sharedCounts,
    publicOrigin: new URL(publicUrl).origin,
    publicUrl,
    consoleUrl: config.consoleUrl,
    publicPath: new URL(publicUrl).pathname.replace(/\/$/, ""),
    livekitUrl: livekit.url,
    hasVoice: hasVoice(config.models),
    embed,
    console: config.hasConsole ? await loadConsoleFiles(CONSOLE_DIR, PREVIEW_DIR) : undefined,
  };
}
