import { isIP } from "node:net";
import { z } from "zod";

/** Where a version that is tried stands with an origin of its own, which is never the console's. */
export type PreviewPlace =
  | { readonly kind: "one"; readonly origin: string }
  /** Two names of this machine, each for the console that is opened at the other. */
  | { readonly kind: "twins"; readonly origins: readonly [string, string] };

/** Where the console stands, and what it frames. */
interface ConsolePlaces {
  /** What stands before `/console`, without a trailing slash: `PUBLIC_URL`, unless it has an origin of its own. */
  readonly consoleUrl: string;
  /** Undefined: nowhere. What is tried then has the origin of nobody, and no voice. */
  readonly preview: PreviewPlace | undefined;
}

const LOOPBACK = new Set(["127.0.0.1", "[::1]"]);

const origin = z
  .string()
  .refine(isOrigin, "must be the origin of a host with a name, such as https://console.example.com")
  .transform((text) => new URL(text).origin);

/** The variables, for the schema of the environment. */
export const consolePlaceVariables = {
  CONSOLE_URL: origin.optional(),
  CONSOLE_PREVIEW_URL: origin.optional(),
};

type PlaceVariables = z.infer<z.ZodObject<typeof consolePlaceVariables>>;

/**
 * What is wrong only together, as `readEnvironment` asks it. Of a URL that is wrong by itself this says nothing.
 *
 * @param publicUrl as it is set, or else where this process listens.
 */
export function checkConsolePlaces(
  env: Readonly<Record<string, string | undefined>>,
  publicUrl: string,
  fail: (name: string, message: string) => void,
): void {
  const own = readUrl(publicUrl);
  if (!own) return;
  const given = { CONSOLE_URL: env.CONSOLE_URL, CONSOLE_PREVIEW_URL: env.CONSOLE_PREVIEW_URL };
  for (const [name, text] of Object.entries(given)) {
    const url = readUrl(text);
    if (!url) continue;
    if (env.NODE_ENV === "production" && url.protocol !== "https:") {
      fail(name, "must start with https:// in production");
    } else if (url.protocol !== own.protocol) {
      fail(name, "must start with http:// or https:// as PUBLIC_URL does");
    }
  }
  const consoles = readUrl(env.CONSOLE_URL);
  const preview = readUrl(env.CONSOLE_PREVIEW_URL);
  const hasPath = own.pathname !== "/";
  if (consoles?.hostname === own.hostname) {
    fail("CONSOLE_URL", "must name another host than PUBLIC_URL: cookies know no ports");
  }
  if (preview && preview.hostname === (consoles ?? own).hostname) {
    fail("CONSOLE_PREVIEW_URL", "must name another host than the console has");
  } else if (preview?.hostname === own.hostname && (hasPath || preview.origin !== own.origin)) {
    fail("CONSOLE_PREVIEW_URL", "must name another host than PUBLIC_URL, or be it, without a path");
  }
  if (consoles && hasPath && !env.CONSOLE_PREVIEW_URL) {
    fail("CONSOLE_PREVIEW_URL", "is required with CONSOLE_URL where PUBLIC_URL has a path");
  }
}

/** @param address where this process listens, as it is reached from this machine. */
export function readConsolePlaces(
  values: PlaceVariables,
  at: { readonly publicUrl: string; readonly address: string; readonly isProduction: boolean },
): ConsolePlaces {
  const { CONSOLE_URL: own, CONSOLE_PREVIEW_URL: preview } = values;
  const chosen = preview ?? (own === undefined ? undefined : new URL(at.publicUrl).origin);
  return {
    consoleUrl: own ?? at.publicUrl,
    preview: chosen === undefined ? twinsOf(at) : { kind: "one", origin: chosen },
  };
}

/** Browsers reach a listener on an address of this machine by `localhost` too, which has cookies and storage of its own. */
function twinsOf({
  publicUrl,
  address,
  isProduction,
}: Parameters<typeof readConsolePlaces>[1]): PreviewPlace | undefined {
  const numbers = new URL(address);
  const name = new URL(address);
  name.hostname = "localhost";
  const isHere = [numbers.origin, name.origin].includes(new URL(publicUrl).origin);
  if (isProduction || !isHere || !LOOPBACK.has(numbers.hostname)) return undefined;
  return { kind: "twins", origins: [numbers.origin, name.origin] };
}

/** @returns the origin at which a console shows what is tried; undefined: there is none. */
export function previewOriginFor(
  place: PreviewPlace | undefined,
  consoleHostname: string,
): string | undefined {
  if (place?.kind !== "twins") return place?.origin;
  const [one, other] = place.origins;
  if (new URL(one).hostname === consoleHostname) return other;
  return new URL(other).hostname === consoleHostname ? one : undefined;
}

function isOrigin(text: string): boolean {
  if (!/^https?:\/\/[^/?#@\s]+\/?$/i.test(text) || !URL.canParse(text)) return false;
  // Calls to this process itself go to its address, and passkeys belong to names.
  return isIP(new URL(text).hostname.replaceAll(/[[\]]/g, "")) === 0;
}

function readUrl(text: string | undefined): URL | undefined {
  return text !== undefined && URL.canParse(text) ? new URL(text) : undefined;
}
