import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { text as textOf } from "node:stream/consumers";
import type { Answer, TestApp } from "./app.js";

/** As it comes to a host: `fetch` writes its own `Host`. @param host as the header has it */
export async function callHost(
  app: TestApp,
  host: string,
  path: string,
  {
    method = "GET",
    body,
    key,
    headers = {},
  }: { method?: string; body?: unknown; key?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const sent = body === undefined ? undefined : JSON.stringify(body);
  const asked = request(app.url + path, {
    method,
    agent: false,
    headers: {
      ...(sent === undefined
        ? {}
        : { "content-type": "application/json", "content-length": Buffer.byteLength(sent) }),
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
      host,
    },
  });
  asked.end(sent);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const text = await textOf(answer);
  const named = new Headers();
  for (const [name, values = []] of Object.entries(answer.headersDistinct)) {
    for (const value of values) named.append(name, value);
  }
  const isJson = named.get("content-type")?.includes("json") && text !== "";
  return {
    status: answer.statusCode ?? 0,
    headers: named,
    text,
    body: isJson ? JSON.parse(text) : undefined,
  };
}
