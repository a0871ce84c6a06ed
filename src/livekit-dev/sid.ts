import { randomInt } from "node:crypto";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const LENGTH = 12;

/** Prefixes by which clients recognise what an id names. */
export type SidPrefix = "RM_" | "PA_" | "TR_" | "AJ_" | "AD_" | "AW_" | "EV_";

/** A fresh LiveKit-style id, such as `RM_4hK2...`. */
export function newSid(prefix: SidPrefix): string {
  let sid: string = prefix;
  for (let index = 0; index < LENGTH; index += 1) sid += ALPHABET[randomInt(ALPHABET.length)];
  return sid;
}
