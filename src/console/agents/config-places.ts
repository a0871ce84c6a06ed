import { refusedFields, type RefusedField } from "../api/say-refusal.js";
import type { ConfigField } from "./config-field.js";

/** Something that is said about a place in a config. */
export interface ConfigNote {
  /** From the config: `faq.0.question`. */
  readonly path: string;
  readonly message: string;
}

/** Every path of which fields speak. The items of a list are `faq[]`. */
export function placesOfFields(fields: readonly ConfigField[], parent = ""): string[] {
  return fields.flatMap((field) => {
    const path = joined(parent, field.path);
    switch (field.kind) {
      case "group":
        return [path, ...placesOfFields(field.fields, parent)];
      case "part":
        return [path, ...placesOfFields(field.fields, path)];
      case "list":
        return [path, `${path}[]`, ...placesOfFields(field.fields, `${path}[]`)];
      case "message":
        return [path, `${path}.type`, `${path}.text`, `${path}.prompt`];
      case "cards":
      case "lines":
        return [path, `${path}[]`];
      default:
        return [path];
    }
  });
}

/** Whether a note is about one of these fields, or something in it. @param places of the fields */
export function isPlacedIn(places: readonly string[], { path }: ConfigNote): boolean {
  const general = path.replaceAll(/\.\d+(?=\.|$)/g, "[]");
  return places.includes(general);
}

/** The notes about a value itself. @param isWhole whether the value is one field, which also speaks for what is in it */
export function notesAt(
  notes: readonly ConfigNote[],
  path: string,
  isWhole: boolean,
): readonly ConfigNote[] {
  return notes.filter(
    (note) => note.path === path || (isWhole && note.path.startsWith(`${path}.`)),
  );
}

/**
 * What a server refused of a config, by path. Empty: it failed with something else.
 *
 * @param toSay how the reason is told
 */
export function refusedPlaces(
  error: unknown,
  toSay: (field: RefusedField) => string,
): ConfigNote[] {
  return refusedFields(error).flatMap((field) => {
    const [, inside] = /(?:^|\.)config\.(.+)$/.exec(field.path) ?? [];
    return inside === undefined ? [] : [{ path: inside, message: toSay(field) }];
  });
}

/** One path in another, either of which may be empty. */
export function joined(parent: string, path: string): string {
  return [parent, path].filter((part) => part !== "").join(".");
}
