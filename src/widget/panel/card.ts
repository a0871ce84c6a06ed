import { safeLink } from "./link-address.js";
import {
  isFields,
  readFields,
  readJson,
  readList,
  readText,
  type Fields,
} from "../../protocol/read.js";
import { readForm, type FormDefinition } from "./form.js";

/** What the agent asks the panel to show (`parley.show`), read leniently: agents make mistakes. */
export type Show =
  | { id: string; kind: "form"; form: FormDefinition }
  | { id: string; kind: "card"; card: Card };

export interface CardAction {
  id: string;
  label: string;
  href: string | undefined;
}

export interface CardItem {
  title: string;
  subtitle: string | undefined;
  text: string | undefined;
  image: string | undefined;
  actions: CardAction[];
}

type Tone = "info" | "success" | "warning" | "error";
type StepState = "done" | "current" | "pending";

export type Card =
  | {
      type: "detail";
      item: CardItem;
      facts: { label: string; value: string }[];
    }
  | { type: "carousel" | "list"; title: string | undefined; items: CardItem[] }
  | { type: "info"; title: string | undefined; text: string | undefined; tone: Tone }
  | { type: "action_grid"; title: string | undefined; actions: CardAction[] }
  | { type: "collect_otp"; title: string | undefined; text: string | undefined; length: number }
  | { type: "collect_phone_number"; title: string | undefined; text: string | undefined }
  | {
      type: "order_tracker";
      title: string | undefined;
      orderId: string | undefined;
      status: string | undefined;
      eta: string | undefined;
      steps: { label: string; state: StepState; at: string | undefined }[];
    }
  | {
      type: "comparison";
      title: string | undefined;
      columns: { name: string; image: string | undefined }[];
      rows: { label: string; values: string[] }[];
    };

/** @returns undefined when there is nothing that could be shown. */
export function readShow(payload: string): Show | undefined {
  const value = readJson(payload);
  if (!isFields(value)) return undefined;
  const id = readText(value["id"]);
  const data = readFields(value["data"]);
  if (id === undefined) return undefined;
  if (value["kind"] === "form") {
    const form = readForm(data);
    return form && { id, kind: "form", form };
  }
  const card = readCard(readText(value["type"]) ?? "", data);
  return card && { id, kind: "card", card };
}

function readCard(type: string, data: Fields): Card | undefined {
  const title = readText(data["title"]);
  const text = readText(data["text"]) ?? readText(data["description"]);
  switch (type) {
    case "detail": {
      const facts = readList(data["fields"])
        .filter(isFields)
        .map((fact) => ({ label: show(fact["label"]) ?? "", value: show(fact["value"]) ?? "" }))
        .filter((fact) => fact.label !== "" || fact.value !== "");
      return { type, item: readItem(data), facts };
    }
    case "carousel":
    case "list": {
      const items = readList(data["items"]).filter(isFields).map(readItem);
      return items.length > 0 ? { type, title, items } : undefined;
    }
    case "info":
      return { type, title, text, tone: readTone(data["tone"]) };
    case "action_grid": {
      const actions = readActions(data["actions"]);
      return actions.length > 0 ? { type, title, actions } : undefined;
    }
    case "collect_otp": {
      const length = Number(data["length"]);
      return { type, title, text, length: length >= 4 && length <= 8 ? Math.round(length) : 6 };
    }
    case "collect_phone_number":
      return { type, title, text };
    case "order_tracker":
      return {
        type,
        title,
        orderId: show(data["order_id"]),
        status: readText(data["status"]),
        eta: show(data["eta"]),
        steps: readList(data["steps"]).filter(isFields).map(readStep),
      };
    case "comparison": {
      const columns = readList(data["items"])
        .filter(isFields)
        .map((item) => ({
          name: show(item["name"]) ?? show(item["title"]) ?? "",
          image: readImage(item["image_url"]),
        }));
      const rows = readList(data["rows"])
        .filter(isFields)
        .map((row) => ({
          label: show(row["label"]) ?? "",
          values: readList(row["values"]).map((value) => show(value) ?? ""),
        }));
      return columns.length > 0 ? { type, title, columns, rows } : undefined;
    }
    default:
      // A type that this panel does not know yet still says what it can.
      return title === undefined && text === undefined
        ? undefined
        : { type: "info", title, text, tone: "info" };
  }
}

function readItem(raw: Fields): CardItem {
  return {
    title: show(raw["title"]) ?? show(raw["name"]) ?? "",
    subtitle: show(raw["subtitle"]),
    text: show(raw["description"]) ?? show(raw["text"]),
    image: readImage(raw["image_url"]),
    actions: readActions(raw["actions"]),
  };
}

function readActions(value: unknown): CardAction[] {
  return readList(value)
    .filter(isFields)
    .flatMap((raw, index) => {
      const label = show(raw["label"]);
      if (label === undefined) return [];
      const href = safeLink(readText(raw["url"]) ?? "");
      return [{ id: readText(raw["id"]) ?? String(index), label, href }];
    });
}

function readStep(raw: Fields): { label: string; state: StepState; at: string | undefined } {
  const state = raw["state"];
  return {
    label: show(raw["label"]) ?? "",
    state: state === "done" || state === "current" ? state : "pending",
    at: show(raw["at"]),
  };
}

function readTone(value: unknown): Tone {
  return value === "success" || value === "warning" || value === "error" ? value : "info";
}

/** Only encrypted addresses: an image is loaded without asking the visitor. */
function readImage(value: unknown): string | undefined {
  const href = safeLink(readText(value) ?? "");
  return href?.startsWith("https:") === true ? href : undefined;
}

/** Models write a number where a text was asked for. */
function show(value: unknown): string | undefined {
  return typeof value === "number" ? String(value) : readText(value);
}
