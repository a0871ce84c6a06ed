import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { AgentService } from "../../../src/platform/agents/agent.service.js";
import { AuditService } from "../../../src/platform/audit/audit.service.js";
import { ConversationEventsService } from "../../../src/platform/conversations/conversation-events.service.js";
import { ConversationStartsService } from "../../../src/platform/conversations/conversation-starts.service.js";
import { ConversationService } from "../../../src/platform/conversations/conversation.service.js";
import { DraftPreviewService } from "../../../src/platform/conversations/draft-preview.service.js";
import { LiveTalkService } from "../../../src/platform/conversations/live-talk.service.js";
import { RetentionService } from "../../../src/platform/conversations/retention.service.js";
import { UsageService } from "../../../src/platform/conversations/usage.service.js";
import { ApiKeyService } from "../../../src/platform/organizations/api-key.service.js";
import { InviteService } from "../../../src/platform/people/invite.service.js";
import { MemberService } from "../../../src/platform/people/member.service.js";
import { OrganizationService } from "../../../src/platform/organizations/organization.service.js";
import { WidgetHistoryService } from "../../../src/platform/widgets/widget-history.service.js";
import { WidgetService } from "../../../src/platform/widgets/widget.service.js";

const SRC = fileURLToPath(new URL("../../../src", import.meta.url));
const FILES = readdirSync(SRC, { recursive: true, encoding: "utf8" });

/** The services that ask for a scope. */
const SCOPED = [
  AgentService,
  ApiKeyService,
  AuditService,
  ConversationEventsService,
  ConversationService,
  ConversationStartsService,
  DraftPreviewService,
  InviteService,
  LiveTalkService,
  MemberService,
  OrganizationService,
  RetentionService,
  UsageService,
  WidgetHistoryService,
  WidgetService,
];

/** What nobody calls by a request, or what is no secret. */
const UNLOCKED: Readonly<Record<string, string>> = {
  "AuditService.sweep": "runs by itself",
  "DraftPreviewService.start": "a panel asks, with a token that its person made",
  "DraftPreviewService.sweep": "runs by itself",
  "InviteService.inviteTo": "the person at the server's command line is asked for no scope",
  "InviteService.resetOf": "as above",
  "InviteService.sweep": "runs by itself",
  "RetentionService.erase": "the person at the server's command line is asked for no scope",
  "RetentionService.sweep": "runs by itself",
  "WidgetService.embedSnippet": "says no more than the widget's id, which the caller has",
  "WidgetService.pinnedEmbedSnippet": "says no more than the widget's id, which the caller has",
};

/** Public methods, as TypeScript knows them: at run time all are alike. */
function methodsOf(service: (typeof SCOPED)[number]): string[] {
  const text = FILES.filter((file) => file.endsWith(".service.ts"))
    .map((file) => readFileSync(`${SRC}/${file}`, "utf8"))
    .find((candidate) => candidate.includes(`class ${service.name} `));
  if (!text) throw new Error(`${service.name} has no file`);
  return Object.getOwnPropertyNames(service.prototype).filter(
    (name) => name !== "constructor" && !new RegExp(`private (async )?${name}\\(`).test(text),
  );
}

test("every service that a resolver calls asks for a scope, or is a visitor's", () => {
  const called = FILES.filter((file) => file.endsWith(".resolver.ts")).flatMap((file) => {
    const text = readFileSync(`${SRC}/${file}`, "utf8");
    return [...text.matchAll(/readonly \w+: (\w+Service)/g)].map(([, name = ""]) => name);
  });
  expect([...new Set(called)].toSorted()).toEqual(
    [
      ...SCOPED.map(({ name }) => name),
      "PublicConversationService",
      "PublicWidgetService",
      "StartConversationService",
      "VisitorHandleService",
      "VisitorDataService",
      "VisitorService",
      // Asks for who is signed in: what is a person's own needs no scope.
      "PersonalTokenService",
      "PasskeyService",
      "SecondFactorService",
      "ViewerService",
    ].toSorted(),
  );
});

// Nothing is in the service but its methods, so whoever does anything before the lock fails otherwise.
describe("without a scope, each method of a service refuses before anything else", () => {
  for (const service of SCOPED) {
    for (const name of methodsOf(service)) {
      if (Object.hasOwn(UNLOCKED, `${service.name}.${name}`)) continue;
      test(`${service.name}.${name}`, async () => {
        const ctx = { actor: async () => ({ scopes: new Set() }) };
        const call: unknown = Reflect.get(service.prototype, name);
        if (typeof call !== "function") throw new Error(`${name} is no method`);
        await expect(
          Reflect.apply(call, Object.create(service.prototype), [ctx]),
        ).rejects.toMatchObject({ code: "forbidden" });
      });
    }
  }
});
