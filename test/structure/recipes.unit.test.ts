import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DEFAULT_RATE_LIMITS } from "../../src/platform/auth/rate-limits.js";
import { snakeCase } from "../../src/platform/http/rest-name.js";
import { compileRoute } from "../../src/platform/rest/compile-route.js";
import { ROUTES } from "../../src/platform/rest/routes.js";
import { alternativesOf, type Shape } from "../../src/platform/rest/shape.js";
import { detachedSchema } from "../../src/tooling/emit-schema.js";
import { routeKey } from "../support/operations.js";
import { ROOT, SOURCE_FILES } from "./source-files.js";

const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

describe("a route", () => {
  const contract = read("src/protocol/contract.md");
  const words = new Set(contract.match(/\w+/g));
  /** Section 5 writes its paths from here on. */
  const PUBLIC = "/core/public/web-widgets";
  /** What a parameter is called is each writer's own. */
  const anonymous = (text: string): string => text.replaceAll(/\{\w+\}/g, "{}");
  const rows = new Set(
    contract.split("\n").flatMap((line) => {
      const [, methods = "", path = ""] = /^[|-] ((?:`?[A-Z]+`?,? )+)`?(\/[^` ]*)/.exec(line) ?? [];
      const whole = path.startsWith("/core") ? path : `${PUBLIC}${path}`;
      return (methods.match(/[A-Z]+/g) ?? []).map((method) => anonymous(`${method} ${whole}`));
    }),
  );

  function namesIn(shape: Shape): string[] {
    if (shape.kind === "list") return namesIn(shape.item);
    if (shape.kind === "nodes") return namesIn(shape.nodes);
    if (shape.kind !== "object") return [];
    return shape.fields.flatMap((field) => [field.restName, ...namesIn(field.shape)]);
  }

  test("stands in the contract, with its method", () => {
    expect(ROUTES.map(routeKey).filter((row) => !rows.has(anonymous(row)))).toEqual([]);
  });

  test("takes and answers nothing that the contract has no word for", () => {
    const schema = detachedSchema();
    const unknown = ROUTES.flatMap((route) => {
      const { shape, variables, body } = compileRoute(schema, route);
      const names = [
        ...(route.status === 204 ? [] : namesIn(shape)),
        ...variables.filter(({ source }) => source === "query").map(({ restName }) => restName),
        ...(body?.fields ?? []).flatMap((field) =>
          Object.keys(alternativesOf(field)?.getFields() ?? { [field.name]: field }).map(snakeCase),
        ),
      ];
      return names.filter((name) => !words.has(name)).map((name) => `${routeKey(route)}: ${name}`);
    });
    expect(unknown).toEqual([]);
  });

  test("has the limit that the README's table says", () => {
    const rules = [...read("README.md").matchAll(/^\|[^|]+\| `(\w+)` +\| (\d+) +\|$/gm)];
    expect(
      Object.fromEntries(rules.map(([, name = "", points]) => [name, Number(points)])),
    ).toEqual(
      Object.fromEntries(
        Object.entries(DEFAULT_RATE_LIMITS).map(([name, { points }]) => [name, points]),
      ),
    );
  });
});

describe("a setting", () => {
  test("is read by somebody", () => {
    const SETTINGS = ["src/platform/config.ts", "src/process/worker-environment.ts"];
    const interfaces = SETTINGS.flatMap((path) =>
      read(path)
        .split(/^export interface (?=\w*Config \{)/m)
        .slice(1),
    );
    const fields = interfaces.flatMap((text) =>
      [...text.slice(0, text.indexOf("\n}")).matchAll(/^ {2}readonly (\w+)/gm)].map(
        ([, name = ""]) => name,
      ),
    );
    expect(fields.length).toBeGreaterThan(20);
    const others = SOURCE_FILES.filter(({ path }) => !SETTINGS.includes(path)).map(
      ({ text }) => text,
    );
    const unread = fields.filter(
      (name) =>
        !others.some((text) =>
          new RegExp(`\\bconfig\\.${name}\\b|[{,] ${name}\\b[^}]*\\} = (config|options);`).test(
            text,
          ),
        ),
    );
    expect(unread).toEqual([]);
  });
});
