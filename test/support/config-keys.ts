import { z } from "zod";

/** A key that a config may have. */
export interface ConfigKey {
  /** Where the object that has it stands: `chat.light_mode`, `quick_actions[]`, "" for the document. */
  readonly parent: string;
  readonly key: string;
  /** `chat.light_mode.text_color`. */
  readonly path: string;
  readonly description: string | undefined;
  /** Whether further keys are below it. */
  readonly isObject: boolean;
  /** Of the schema. */
  readonly default?: unknown;
}

interface Node {
  readonly $ref?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Record<string, Node>;
  readonly items?: Node;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

/** Every key that the schema of a JSON document knows, from its JSON Schema. */
export function configKeys(schema: z.ZodType): ConfigKey[] {
  const document = z.toJSONSchema(schema, { io: "input" }) as Node & {
    $defs?: Record<string, Node>;
  };
  const found = new Map<string, ConfigKey>();
  const open = (node: Node): Node => {
    const { $ref, ...own } = node;
    return $ref === undefined
      ? node
      : { ...document.$defs?.[$ref.split("/").at(-1) ?? ""], ...own };
  };
  const visit = (raw: Node, parent: string): void => {
    const node = open(raw);
    if (node.items) visit(node.items, `${parent}[]`);
    for (const one of [...(node.anyOf ?? []), ...(node.oneOf ?? [])]) visit(one, parent);
    for (const [key, inner] of Object.entries(node.properties ?? {})) {
      const path = parent === "" ? key : `${parent}.${key}`;
      const { description, properties, default: value } = open(inner);
      const isObject = properties !== undefined;
      found.set(path, { parent, key, path, description, isObject, default: value });
      visit(inner, path);
    }
  };
  visit(document, "");
  return [...found.values()];
}
