import { readFields } from "../../protocol/read.js";

/** What of a widget says how it is called. */
interface Called {
  readonly id: string;
  readonly config: unknown;
  readonly agent?: { readonly name: string } | null;
}

/** What a widget is called: as its visitors see it, else as its agent. It has no name of its own. */
export function widgetName({ id, config, agent }: Called): string {
  const { chat } = readFields(readFields(config)["v1"]);
  const { title } = readFields(chat);
  return (typeof title === "string" && title.trim()) || agent?.name || id;
}
