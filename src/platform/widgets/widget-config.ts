import { z } from "zod";
import { checkDocument } from "../input/check-document.js";
import { lenient, readableList } from "../../protocol/stored.js";
import { widgetConfigSchema } from "../../protocol/widget-config.js";

const MAX_BYTES = 64 * 1024;

/** JSON Schema (2020-12) of `config`, as it is written. Made once: it takes milliseconds. */
export const WIDGET_CONFIG_JSON_SCHEMA: object = z.toJSONSchema(widgetConfigSchema, {
  io: "input",
});

/** @throws AppError `invalid` with a path below `config`. */
export function checkWidgetConfig(config: object): void {
  checkDocument(widgetConfigSchema, config, { path: "config", maxBytes: MAX_BYTES });
}

/** For what is not finished. @throws AppError `invalid`. */
export function checkWidgetConfigSize(config: object): void {
  checkDocument(z.unknown(), config, { path: "config", maxBytes: MAX_BYTES });
}

const storedConfig = lenient(widgetConfigSchema).catch({});
const storedFields = readableList(z.object({ id: z.string() }));

type FieldIds = ReadonlySet<string> | undefined;
/** A widget in memory is asked by each of its visitors. */
const knownFieldIds = new WeakMap<object, { readonly ids: FieldIds }>();

/**
 * @param config as it is stored, which nobody changes.
 * @returns the ids of the feedback form's fields; undefined when no feedback is asked for.
 */
export function feedbackFieldIds(config: unknown): FieldIds {
  if (typeof config !== "object" || config === null) return undefined;
  const known = knownFieldIds.get(config) ?? { ids: readFieldIds(config) };
  knownFieldIds.set(config, known);
  return known.ids;
}

function readFieldIds(config: object): FieldIds {
  const feedback = storedConfig.parse(config).v1?.post_conversation_feedback;
  if (!feedback || feedback.enabled === false) return undefined;
  // As the panel does: a form without fields is none.
  const fields = [feedback.form?.fields, feedback.fields]
    .map((some) => storedFields.parse(some))
    .find((some) => some?.length);
  return fields && new Set(fields.map(({ id }) => id));
}
