import type { Fields } from "../../protocol/read.js";

/** What rows of lists hold, read and written without surprises. */

/** @returns "" for what is no text */
export function textIn(row: Fields, key: string): string {
  const value = row[key];
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** @param value "" or undefined takes the key away. */
export function withKey(row: Fields, key: string, value: unknown): Fields {
  if (value !== "" && value !== undefined) return { ...row, [key]: value };
  const { [key]: _gone, ...others } = row;
  return others;
}

/** A name that none of the rows has as its `id`: `field_3`. */
export function freeName(base: string, rows: readonly Fields[]): string {
  const names = new Set(rows.map(({ id }) => id));
  let number = rows.length + 1;
  while (names.has(`${base}_${number}`)) number++;
  return `${base}_${number}`;
}
