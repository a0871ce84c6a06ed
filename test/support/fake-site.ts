import type { FetchedBody, SafeFetcher } from "../../src/process/web/safe-fetch.js";

/** A fetcher for which every website has this one page and nothing else. */
export function fakeSite(html: string): SafeFetcher {
  const page = async (url: string): Promise<FetchedBody> => ({
    url: new URL(url),
    status: 200,
    contentType: "text/html; charset=utf-8",
    body: Buffer.from(html),
  });
  const nothing = async (): Promise<never> => {
    throw new Error("there is only the page");
  };
  const open = (): object => ({ page, subResource: nothing, close: () => {} });
  // The class has private parts that a fake need not have.
  return { open } as unknown as SafeFetcher;
}
