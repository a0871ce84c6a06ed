import { invalid } from "../errors.js";
import { jsonObject } from "../database/json-column.js";
import { jsonBytes } from "../../protocol/json-bytes.js";
import { VISITOR_LIMITS } from "../../protocol/limits.js";
import type { HostPage } from "../../protocol/worker-api.js";
import type { HostPageInput } from "./conversation.input.js";
import { USER_ID } from "./user-id.js";

/** Reserved inside `custom_metadata` [documented]. */
const FEEDBACK_KEY = "feedback_form";
const WITHOUT_CONTROL_CHARACTERS = new RegExp(USER_ID.pattern);

/** @throws AppError `invalid`. */
export function checkUserId(userId: string, path = "userId"): void {
  const length = [...userId].length;
  const { minLength, maxLength } = USER_ID;
  if (length < minLength || length > maxLength)
    throw invalid({
      path,
      message: `Must be ${minLength} to ${maxLength} characters.`,
      rule: "length",
      min: minLength,
      max: maxLength,
    });
  if (!WITHOUT_CONTROL_CHARACTERS.test(userId)) {
    throw invalid({ path, message: "Control characters are not allowed.", rule: "characters" });
  }
}

/** Without what is reserved. @throws AppError `invalid` for more than 16 KB. */
export function readMetadata(input: object | null | undefined): Record<string, unknown> {
  const metadata = withoutFeedback({ ...input });
  checkMetadataSize(metadata);
  return metadata;
}

/** A page without what may be nobody's business. @throws AppError `invalid`. */
export function checkHostPage(input: HostPageInput | null | undefined): HostPage | undefined {
  if (!input) return undefined;
  if (!URL.canParse(input.url) || !/^https?:$/.test(new URL(input.url).protocol)) {
    throw invalid({ path: "page.url", message: "Must be an http or https address.", rule: "url" });
  }
  const { origin, pathname } = new URL(input.url);
  const page = {
    url: origin + pathname,
    title: input.title ?? "",
    language: input.language ?? "",
  };
  if (jsonBytes(page) > VISITOR_LIMITS.pageBytes) {
    throw invalid({
      path: "page",
      message: `Must be at most ${VISITOR_LIMITS.pageBytes} bytes of JSON.`,
      rule: "bytes",
      max: VISITOR_LIMITS.pageBytes,
    });
  }
  return page;
}

/** Metadata, as far as it is not what the visitor thought of the talk. */
export function withoutFeedback(metadata: unknown): Record<string, unknown> {
  const { [FEEDBACK_KEY]: _feedback, ...own } = jsonObject(metadata) as Record<string, unknown>;
  return own;
}

/** @throws AppError `invalid` for more than 16 KB beside the feedback. */
export function checkMetadataSize(metadata: Record<string, unknown>): void {
  if (jsonBytes(withoutFeedback(metadata)) > VISITOR_LIMITS.metadataBytes) {
    throw invalid({
      path: "customMetadata",
      message: `Must be at most ${VISITOR_LIMITS.metadataBytes} bytes of JSON.`,
      rule: "bytes",
      max: VISITOR_LIMITS.metadataBytes,
    });
  }
}
