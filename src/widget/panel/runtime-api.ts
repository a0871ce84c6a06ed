import {
  isFields,
  readFields,
  readList,
  readNumber,
  readText,
  type Fields,
} from "../../protocol/read.js";
import type { HandedDraft } from "./draft-handover.js";
import type { FormValues } from "./form.js";
import type { HostPage } from "./host-page.js";
import type { KeptHandle } from "./parent-link.js";

/** The public runtime routes that the panel uses, on its own origin. */

export interface PublicWidget {
  domains: string[];
  config: unknown;
}

export interface Started {
  conversationId: string;
  visitorToken: string | undefined;
  url: string;
  token: string;
  /** False only when the platform knows that nobody will answer. */
  isAgentAvailable: boolean;
}

export interface PastMessage {
  /** A message that a panel sent has the id that it was sent under. */
  id?: string | undefined;
  role: "user" | "agent";
  text: string;
  mode: "text" | "voice";
  /** When it was said, in milliseconds since 1970; undefined: the platform does not say. */
  at?: number | undefined;
}

/** A conversation of the visitor's, as they choose it from a list. */
export interface PastTalk {
  id: string;
  /** The name under which it began. */
  userId: string;
  /** When it began, in milliseconds since 1970. */
  at: number;
  isOver: boolean;
  /** How many messages the visitor has said in it. */
  messages: number;
  firstWords: string | undefined;
}

/** What the visitor is asked to agree to. */
export interface ConsentWords {
  version: string;
  language: string;
  /** Markdown. */
  text: string;
}

export interface StartRequest {
  userId: string;
  metadata: Fields;
  conversationId: string | undefined;
  visitorToken: string | undefined;
  identityToken: string | undefined;
  ticket: string | undefined;
  page: HostPage | undefined;
  consent: { version: string; language: string } | undefined;
  /** The same start again, as after an answer that never came, has the same one. */
  idempotencyKey: string;
}

/** What the page's handle is to bring back. */
export interface ToKeep {
  conversationId: string;
  visitorToken: string;
  /** The name that the page gave them. */
  visitor: string | undefined;
  isOver: boolean;
}

/** What belongs to a handle that the page has kept. */
export interface Recalled extends ToKeep {
  /** The next one. */
  handle: string;
  userId: string;
  /** What the visitor wrote into the form, among other things. */
  metadata: Fields;
}

export class RuntimeError extends Error {
  constructor(
    /** 0 when the platform was not reached. */
    readonly status: number,
    detail: string,
    readonly retryAfterSeconds: number | undefined,
    /** Which refusal it is, where the platform tells several of one status apart. */
    readonly code?: string,
  ) {
    super(detail);
  }
}

interface CallParts {
  visitorToken?: string | undefined;
  ticket?: string | undefined;
  idempotencyKey?: string | undefined;
  body?: object;
  keepalive?: boolean;
}

export class RuntimeApi {
  readonly #public: string;
  readonly #widget: string;
  readonly #draft: HandedDraft | undefined;

  /** @param draft whose token starts a talk, once, instead of the widget's; it is told what became of it */
  constructor(widgetId: string, prefix: string, draft?: HandedDraft) {
    this.#public = `${prefix}/core/public`;
    this.#widget = `/web-widgets/${encodeURIComponent(widgetId)}`;
    this.#draft = draft;
  }

  async widget(): Promise<PublicWidget> {
    const answer = await this.#call("GET", "", {});
    const domains = readList(answer["domains"]).filter((item) => typeof item === "string");
    return { domains, config: answer["config"] };
  }

  async start(request: StartRequest): Promise<Started> {
    const { userId, metadata, conversationId, identityToken, page, consent } = request;
    if (this.#draft !== undefined) return this.#startDraft(this.#draft, metadata);
    const answer = await this.#call("POST", "/conversations", {
      ...request,
      // What is undefined is left out of JSON.
      body: {
        user_id: userId,
        custom_metadata: metadata,
        conversation_id: conversationId,
        identity_token: identityToken,
        page,
        consent,
      },
    });
    return readStarted(answer);
  }

  /** Nothing else of a visitor's is there for it: its visitor token opens nothing. */
  async #startDraft({ token, tell }: HandedDraft, metadata: Fields): Promise<Started> {
    const body = { token, custom_metadata: metadata };
    try {
      const answer = readFields(await this.#send("POST", "/draft-previews/start", { body }));
      const started = readStarted(answer);
      tell({ type: "parley_draft_preview_began", conversationId: started.conversationId });
      return { ...started, visitorToken: undefined };
    } catch (error) {
      const status = error instanceof RuntimeError ? error.status : 0;
      tell({ type: "parley_draft_preview_refused", status });
      throw error;
    }
  }

  async consent(language: string): Promise<ConsentWords> {
    const query = `?${new URLSearchParams({ language })}`;
    const answer = await this.#call("GET", `/consent${query}`, {});
    const [version, text] = [readText(answer["version"]), readText(answer["text"])];
    if (version === undefined || text === undefined) throw notUnderstood();
    return { version, text, language: readText(answer["language"]) ?? language };
  }

  async messages(
    conversationId: string,
    visitorToken: string,
  ): Promise<{ messages: PastMessage[]; visitorToken: string | undefined }> {
    const path = `${pathOf(conversationId)}/messages`;
    const answer = await this.#call("GET", path, { visitorToken });
    const messages = readList(answer["messages"]).filter(isFields).flatMap(readMessage);
    return { messages, visitorToken: readText(answer["visitor_token"]) };
  }

  /** All that the token opens, newest first; the hundred last ones. */
  async conversations(visitorToken: string): Promise<PastTalk[]> {
    const answer = await this.#ask("GET", "/conversations?own=true&limit=100", { visitorToken });
    return readList(answer).filter(isFields).flatMap(readTalk);
  }

  async feedback(
    conversationId: string,
    visitorToken: string | undefined,
    data: FormValues,
  ): Promise<void> {
    const path = `${pathOf(conversationId)}/feedback`;
    await this.#call("POST", path, { visitorToken, body: { data } });
  }

  /** All that is kept of it, as the platform tells it. */
  export(conversationId: string, visitorToken: string): Promise<Fields> {
    return this.#call("GET", `${pathOf(conversationId)}/export`, { visitorToken });
  }

  async erase(conversationId: string, visitorToken: string): Promise<void> {
    await this.#call("DELETE", pathOf(conversationId), { visitorToken });
  }

  async withdrawConsent(conversationId: string, visitorToken: string): Promise<void> {
    await this.#call("POST", `${pathOf(conversationId)}/withdraw-consent`, { visitorToken });
  }

  /** Ends the token's key everywhere. Goes on where the page that asked for it is left at once. */
  async logout(visitorToken: string): Promise<void> {
    await this.#call("POST", "/logout", { visitorToken, keepalive: true });
  }

  /** @returns for the website's page to keep. */
  async createHandle(kept: ToKeep, ticket: string): Promise<string> {
    const { visitorToken, conversationId, visitor, isOver } = kept;
    const body = { conversation_id: conversationId, visitor, is_over: isOver };
    const answer = await this.#call("POST", "/handles", { visitorToken, ticket, body });
    return understood(readText(answer["handle"]));
  }

  async exchangeHandle(body: KeptHandle, ticket: string): Promise<Recalled> {
    const answer = await this.#call("POST", "/handles/exchange", { ticket, body });
    return {
      handle: understood(readText(answer["handle"])),
      visitorToken: understood(readText(answer["visitor_token"])),
      conversationId: understood(readText(answer["conversation_id"])),
      userId: understood(readText(answer["user_id"])),
      visitor: readText(answer["visitor"]),
      isOver: answer["is_over"] === true,
      metadata: readFields(answer["custom_metadata"]),
    };
  }

  async #call(method: string, path: string, parts: CallParts): Promise<Fields> {
    return readFields(await this.#ask(method, path, parts));
  }

  #ask(method: string, path: string, parts: CallParts): Promise<unknown> {
    return this.#send(method, this.#widget + path, parts);
  }

  async #send(
    method: string,
    path: string,
    { visitorToken, ticket, idempotencyKey, body, keepalive = false }: CallParts,
  ): Promise<unknown> {
    const headers = new Headers();
    if (body !== undefined) headers.set("Content-Type", "application/json");
    if (visitorToken !== undefined) headers.set("X-Visitor-Token", visitorToken);
    if (ticket !== undefined) headers.set("X-Embed-Ticket", ticket);
    if (idempotencyKey !== undefined) headers.set("Idempotency-Key", idempotencyKey);
    let response: Response;
    try {
      response = await fetch(this.#public + path, {
        method,
        headers,
        credentials: "omit",
        keepalive,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch {
      throw new RuntimeError(0, "The platform was not reached.", undefined);
    }
    // Not everything that answers speaks JSON: a proxy has a page of its own.
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer;
    const wait = Number(response.headers.get("Retry-After") ?? undefined);
    const { detail, code } = readFields(answer);
    throw new RuntimeError(
      response.status,
      readText(detail) ?? `Status ${response.status}`,
      Number.isFinite(wait) ? wait : undefined,
      readText(code),
    );
  }
}

/** @throws RuntimeError */
function readStarted(answer: Fields): Started {
  const id = readText(readFields(answer["conversation"])["id"]);
  const details = readFields(answer["connection_details"]);
  const [url, token] = [readText(details["url"]), readText(details["token"])];
  return {
    conversationId: understood(id),
    visitorToken: readText(answer["visitor_token"]),
    url: understood(url),
    token: understood(token),
    isAgentAvailable: readFields(answer["capabilities"])["agentAvailable"] !== false,
  };
}

/** Whether the platform knows the conversation no more, or not for this visitor. Out of reach is not lost. */
export function isGone(error: unknown): boolean {
  const isRefused = error instanceof RuntimeError && [401, 403, 404].includes(error.status);
  return isRefused && !isIdentityRequired(error) && !isIdentityRefused(error);
}

/** Whether the visitor has to agree first, or anew. */
export function isConsentRequired(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === "consent_required";
}

/** Whether the website has to vouch for its visitor first. */
export function isIdentityRequired(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === "identity_required";
}

/** Whether the platform does not believe the identity token. */
export function isIdentityRefused(error: unknown): boolean {
  return error instanceof RuntimeError && error.code === "identity_refused";
}

/** Whether the same request would be refused again, today at least. */
export function isRefusal(error: unknown): boolean {
  const { status, code } = error instanceof RuntimeError ? error : { status: 0 };
  if (status === 429) return code === "day_used_up";
  return status >= 400 && status < 500;
}

/** @throws RuntimeError */
function understood(text: string | undefined): string {
  if (text !== undefined) return text;
  throw notUnderstood();
}

function readMessage(raw: Fields): PastMessage[] {
  const role = raw["role"];
  const text = readText(raw["text"]);
  if ((role !== "user" && role !== "agent") || text === undefined) return [];
  const at = Date.parse(readText(raw["created_at"]) ?? "");
  const mode = raw["mode"] === "voice" ? "voice" : "text";
  return [{ id: readText(raw["id"]), role, text, mode, at: Number.isNaN(at) ? undefined : at }];
}

/** In these a talk can still go on in the room that it has (contract section 6). */
const OPEN = ["token_created", "triggered", "ringing", "in_progress"];

function readTalk(raw: Fields): PastTalk[] {
  const [id, userId] = [readText(raw["id"]), readText(raw["user_id"])];
  const at = Date.parse(readText(raw["created_at"]) ?? "");
  if (id === undefined || userId === undefined || Number.isNaN(at)) return [];
  return [
    {
      id,
      userId,
      at,
      isOver: !OPEN.includes(readText(raw["status"]) ?? ""),
      messages: readNumber(raw["user_turn_count"], 0),
      firstWords: readText(raw["first_words"]),
    },
  ];
}

function notUnderstood(): RuntimeError {
  return new RuntimeError(500, "The answer was not understood.", undefined);
}

function pathOf(conversationId: string): string {
  return `/conversations/${encodeURIComponent(conversationId)}`;
}
