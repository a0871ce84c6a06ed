import { readFields, readList } from "../../protocol/read.js";
import { CombinedGraphQLErrors } from "@apollo/client";
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

/** What a server refused of a config, by path. Empty: it failed with something else. */
export function refusedPlaces(error: unknown): ConfigNote[] {
  if (!CombinedGraphQLErrors.is(error)) return [];
  return error.errors.flatMap(({ extensions }) =>
    readList(extensions?.["errors"]).flatMap((entry) => {
      const { path, message } = readFields(entry);
      const [, inside] = /(?:^|\.)config\.(.+)$/.exec(String(path)) ?? [];
      return inside === undefined ? [] : [{ path: inside, message: String(message) }];
    }),
  );
}

/** One path in another, either of which may be empty. */
export function joined(parent: string, path: string): string {
  return [parent, path].filter((part) => part !== "").join(".");
}
