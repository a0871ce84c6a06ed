import fc from "fast-check";

/** How many calls a fuzz test makes: a sample in every run, everything when `FUZZ_CALLS` says so. */
export function calls(sample: number): number {
  return Number(process.env["FUZZ_CALLS"] ?? sample);
}

/** Text that has broken something somewhere. */
const NASTY = [
  "",
  " ",
  "\0",
  "\ud800",
  "a\u0007b",
  "__proto__",
  "constructor",
  "' OR 1=1 --",
  "%",
  "\\",
  "<script>alert(1)</script>",
  "../../etc/passwd",
  "\u202etxt",
  "💬".repeat(300),
  "x".repeat(5000),
  "null",
  "undefined",
  "NaN",
  "1e400",
  "-1",
  "99999999999999999999",
  "0001-01-01T00:00:00Z",
  "2026-02-30T00:00:00Z",
  "9999-12-31T23:59:59+14:00",
  "{}",
  "[]",
  '{"a":1e999}',
  "ak_x.y",
  "latest",
] as const;

export const nastyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...NASTY),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ maxLength: 20 }),
);

/** Anything that JSON can say, deep and odd ones included. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown> },
  { weight: 2, arbitrary: nastyText },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(
      null,
      true,
      0,
      -1,
      1.5,
      2 ** 53,
      -(2 ** 31) - 1,
      [],
      {},
      [[]],
      [null],
    ),
  },
  { weight: 1, arbitrary: fc.constant(0).map(() => nested(80)) },
);

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) };
}
