import { absoluteUrl, type BrandFacts } from "./brand-facts.js";

const MAX_NODES = 2_000;

/**
 * Adds what a JSON-LD script says of the organization behind a page: its name, description and
 * logo. A script that is no JSON adds nothing.
 */
export function readJsonLd(text: string, base: string, facts: BrandFacts): void {
  const nodes = collectNodes(parseJson(text));
  const owners = nodes.filter(isOrganization).slice(0, 50);
  for (const node of owners) {
    for (const link of imageLinks(node["logo"], nodes)) {
      const url = absoluteUrl(link, base);
      if (url !== null) facts.images.push({ url, source: "organization", declaredSize: null });
    }
    pushString(facts.names, node["name"]);
    pushString(facts.descriptions, node["description"]);
  }
  for (const node of nodes) {
    if (typesOf(node).includes("WebSite")) pushString(facts.names, node["name"]);
  }
}

type JsonObject = Record<string, unknown>;

/** Schema.org's organizations by name, and whatever else has a logo of its own. */
function isOrganization(node: JsonObject): boolean {
  const named = typesOf(node).some((type) => /Organization$|^(?:Corporation|Brand)$/.test(type));
  return named || node["logo"] !== undefined;
}

function typesOf(node: JsonObject): string[] {
  const types = [node["@type"]].flat();
  return types
    .filter((type) => typeof type === "string")
    .map((type) => type.replace(/^https?:\/\/schema\.org\//, ""));
}

function imageLinks(logo: unknown, nodes: readonly JsonObject[]): string[] {
  const links: string[] = [];
  for (const value of [logo].flat().slice(0, 5)) {
    const image = isObject(value) ? resolveReference(value, nodes) : value;
    const candidates = isObject(image) ? [image["url"], image["contentUrl"]].flat() : [image];
    const link = candidates.find((one) => typeof one === "string" && one.trim() !== "");
    if (typeof link === "string") links.push(link);
  }
  return links.slice(0, 2);
}

/** Sites often write the logo as `{"@id": …}` of another node of the same graph. */
function resolveReference(value: JsonObject, nodes: readonly JsonObject[]): JsonObject {
  const id = value["@id"];
  if (typeof id !== "string" || value["url"] !== undefined) return value;
  return nodes.find((node) => node["@id"] === id && node["url"] !== undefined) ?? value;
}

/** Every object in the document, in order, as far as the limit goes. */
function collectNodes(document: unknown): JsonObject[] {
  const found: JsonObject[] = [];
  const queue: unknown[] = [document];
  for (let at = 0; at < queue.length && at < MAX_NODES; at += 1) {
    const value = queue[at];
    if (Array.isArray(value)) queue.push(...value.slice(0, MAX_NODES));
    else if (isObject(value)) {
      found.push(value);
      queue.push(...Object.values(value).slice(0, MAX_NODES));
    }
  }
  return found;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function pushString(list: string[], value: unknown): void {
  if (typeof value === "string" && value.trim() !== "") list.push(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
