import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { describeInBrowser, eventually, useBrowser, Visitor } from "./support.js";

const world = useBrowser({ withoutAgent: true });
let visitor: Visitor;
let script: string;

describeInBrowser("the packed client", () => {
  beforeAll(async () => {
    const { outputFiles } = await build({
      entryPoints: [fileURLToPath(new URL("client-app.ts", import.meta.url))],
      bundle: true,
      write: false,
      format: "iife",
      define: { "process.env.NODE_ENV": '"development"' },
    });
    script = outputFiles[0]?.text ?? "";
  });
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("has modules, types and a second file, and may be imported where there is no page", async () => {
    const cwd = fileURLToPath(new URL("../../dist/client", import.meta.url));
    const npm = await promisify(execFile)("npm", ["pack", "--dry-run", "--json"], { cwd });
    const [pack] = JSON.parse(npm.stdout) as { files: { path: string }[] }[];
    expect(
      pack?.files
        .map(({ path }) => path)
        .toSorted()
        .join(" "),
    ).toBe(
      "LICENSE README.md api.d.ts client.js frame.js index.d.ts index.js package.json react.d.ts react.js",
    );
    expect(Object.keys(await import("../../dist/client/index.js"))).toEqual(["embed"]);
  });

  it("is a component of React's: it comes and goes with it, names the visitor and tells what happens", async () => {
    const id = await world.platform.widget();
    const path = world.site.page({
      body: `<script>Object.assign(document.body.dataset, { url: "${world.platform.origin}/", widgetId: "${id}" });${script}</script>`,
    });
    await visitor.page.goto(world.site.origin() + path);
    await visitor.launcher.waitFor();
    const press = async (name: string): Promise<void> =>
      visitor.page.locator("main").getByText(name, { exact: true }).click();
    await press("Log in");
    await press("Ask");
    await visitor.panel.locator(".bubble").getByText("From a button").waitFor();
    await eventually(async () => {
      const [talk] = await world.platform.conversations(id);
      expect(talk?.["user_id"]).toBe("ada");
      const heard = await visitor.page.evaluate(() => Reflect.get(window, "heard") as string[]);
      expect(heard.toSorted()).toEqual([String(talk?.["id"]), "user: From a button"].toSorted());
    });
    await press("Log out");
    await visitor.panel.getByText("From a button").waitFor({ state: "detached" });
    await press("Unmount");
    expect(await visitor.page.locator("parley-widget").count()).toBe(0);
    await press("Mount");
    await visitor.launcher.waitFor();
    expect(await visitor.page.locator("parley-widget").count()).toBe(1);
    expect(visitor.logged).toEqual([]);
    // Nothing of it was fetched but what the page asks the platform.
    expect(visitor.requests.filter((one) => one.includes("/assets/frame-"))).toEqual([]);
  });
});
