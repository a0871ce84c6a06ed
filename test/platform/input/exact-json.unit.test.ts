import fc from "fast-check";
import { expect, test } from "vitest";
import { isHeldByDouble, parseJson } from "../../../src/platform/input/exact-json.js";

test("integers that a double holds pass, those that it rounds do not", () => {
  const held = ["0", "-0", "0.0", "9007199254740991", "9007199254740992", "9007199254740994"];
  const powers = ["1152921504606846976", "1152921504606847000", "1e21", "1e23", "1.5e300"];
  const fractions = ["0.1", "0.30000000000000004", "3.14159265358979323846", "1e-400"];
  for (const text of [...held, ...powers, ...fractions, "1.7976931348623157e308"])
    expect(isHeldByDouble(text), text).toBe(true);
  const rounded = ["9007199254740993", "-9007199254740993", "1152921504606847001"];
  const written = ["9007199254740993.0", "900719925474099.3e1", "90071992547409930e-1"];
  for (const text of [...rounded, ...written, "12345678901234567890", "1e400", "9".repeat(400)])
    expect(isHeldByDouble(text), text).toBe(false);
});

test("what JavaScript itself writes is read as JSON.parse reads it", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (number) => {
      expect(parseJson(JSON.stringify([number]))).toEqual(JSON.parse(JSON.stringify([number])));
    }),
  );
});

test("every integer beyond 2^53 is itself or infinite", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 2n ** 53n, max: 2n ** 69n }), (integer) => {
      const read = parseJson(`{"a": ${integer}}`) as { a: number };
      if (Number.isFinite(read.a)) {
        expect([BigInt(read.a), BigInt(String(read.a))]).toContain(integer);
      } else expect(BigInt(Number(integer))).not.toBe(integer);
    }),
  );
});
