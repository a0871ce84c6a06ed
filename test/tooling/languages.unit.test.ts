import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { afterAll, expect, test } from "vitest";
import { languages } from "../../src/tooling/build-widget.js";

const folder = mkdtempSync(join(tmpdir(), "parley-languages-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("a file in the folder of languages is all that a language takes: it is a chunk, loaded by its tag", async () => {
  const source = join(folder, "panel");
  mkdirSync(join(source, "languages"), { recursive: true });
  for (const [tag, word] of Object.entries({ en: "Send", "pt-br": "Enviar", de: "Senden" })) {
    const file = join(source, "languages", `${tag}.ts`);
    writeFileSync(file, `export const CATALOGUE = { send: "${word}" };`);
  }
  // What the type checker sees; the build writes its own.
  writeFileSync(join(source, "languages.ts"), "export const LANGUAGES = {};");
  const bundle = await rolldown({ input: join(source, "languages.ts"), plugins: [languages] });
  await bundle.write({ dir: join(folder, "built"), entryFileNames: "[name].mjs" });
  await bundle.close();

  const { LANGUAGES } = (await import(
    pathToFileURL(join(folder, "built", "languages.mjs")).href
  )) as { LANGUAGES: Record<string, () => Promise<{ CATALOGUE: unknown }>> };
  // English is in the panel itself.
  expect(Object.keys(LANGUAGES).toSorted()).toEqual(["de", "pt-br"]);
  expect((await LANGUAGES["pt-br"]?.())?.CATALOGUE).toEqual({ send: "Enviar" });
  expect(readdirSync(join(folder, "built")).length).toBe(3);
});
