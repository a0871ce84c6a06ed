import { isIP } from "node:net";
import { AppError } from "../errors.js";

/** To whom passkeys belong: a host's name, and the one origin at which they are asked for. */
export interface RelyingParty {
  /** The host's name alone. */
  readonly id: string;
  readonly origin: string;
}

/**
 * Browsers know passkeys of names alone, on https or this machine. In development an address of this machine has a
 * name, at which the platform answers too.
 *
 * @returns undefined where there can be none.
 */
export function relyingPartyOf({
  consoleUrl,
  publicUrl,
  isProduction,
}: {
  readonly consoleUrl: string;
  readonly publicUrl: string;
  readonly isProduction: boolean;
}): RelyingParty | undefined {
  const url = new URL(consoleUrl);
  const isOwnAddress = ["127.0.0.1", "[::1]"].includes(url.hostname);
  const isApart = consoleUrl !== publicUrl;
  if (isOwnAddress && !isApart && !isProduction) url.hostname = "localhost";
  const { hostname: id, origin, protocol } = url;
  if (isIP(id.replaceAll(/[[\]]/g, "")) !== 0) return undefined;
  const isThisMachine = id === "localhost" || id.endsWith(".localhost");
  return protocol === "https:" || isThisMachine ? { id, origin } : undefined;
}

/** @throws AppError `conflict`. */
export function requireParty(party: RelyingParty | undefined): RelyingParty {
  if (party) return party;
  throw new AppError(
    "conflict",
    "Passkeys need a host name in PUBLIC_URL or CONSOLE_URL, by https or on localhost.",
  );
}
