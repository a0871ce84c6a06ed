/** Only a number of sixteen digits or more can come out of a double as another one (IEEE 754). */
const MAY_BE_INEXACT = /[\d.]{16}/;
const STRING_OR_NUMBER = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
const TOO_LARGE = "1e999";

/**
 * `JSON.parse`, but an integer that a double cannot hold becomes infinite, which
 * `findForbiddenText` refuses by its path; of a key that is there twice the last one counts.
 *
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  if (!MAY_BE_INEXACT.test(text)) return value;
  let isExact = true;
  const marked = text.replace(STRING_OR_NUMBER, (token) => {
    if (token.startsWith('"') || isHeldByDouble(token)) return token;
    isExact = false;
    return TOO_LARGE;
  });
  return isExact ? value : JSON.parse(marked);
}

/**
 * Whether a number's text, as JSON or GraphQL writes it, is finite and, if it is an integer, not
 * another one once it is a double. `1152921504606847000` passes: that is how 2^60 is written back.
 */
export function isHeldByDouble(text: string): boolean {
  const number = Number(text);
  if (!Number.isFinite(number)) return false;
  const given = decimalOf(text);
  if (given.exponent < 0) return true;
  if (isSame(given, decimalOf(String(number)))) return true;
  // No double is longer, so that the power is small.
  return BigInt(given.digits || "0") * 10n ** BigInt(given.exponent) === BigInt(Math.abs(number));
}

interface Decimal {
  /** Without zeros at either end. */
  readonly digits: string;
  readonly exponent: number;
}

function decimalOf(text: string): Decimal {
  const [mantissa = "", power = "0"] = text.replace(/^-/, "").toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const all = `${whole}${fraction}`.replace(/^0+/, "");
  const digits = all.replace(/0+$/, "");
  if (digits === "") return { digits, exponent: 0 };
  return { digits, exponent: Number(power) - fraction.length + all.length - digits.length };
}

function isSame(a: Decimal, b: Decimal): boolean {
  return a.digits === b.digits && a.exponent === b.exponent;
}
