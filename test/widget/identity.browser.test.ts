import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, it } from "vitest";
import {
  describeInBrowser,
  EVENT_RECORDER,
  eventsOf,
  eventually,
  useBrowser,
  Visitor,
} from "./support.js";

const world = useBrowser({ withoutAgent: true });
let visitor: Visitor;

describeInBrowser("a visitor whom the website vouches for", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("is verified for the owner, and their token is in no storage and no address", async () => {
    const { id, sign } = await website("optional");
    await visitor.open(page(id));
    const token = sign("ada");
    await visitor.call("identify", { userId: "ada", token, metadata: { plan: "pro" } });
    await visitor.say("Hello");
    await eventually(async () =>
      expect(await world.platform.conversations(id)).toMatchObject([
        { user_id: "ada", user_verified: true },
      ]),
    );
    // The platform has it before the browser knows.
    await eventually(async () => expect(await storages()).toContain("visitorToken"));
    expect(visitor.logged).toEqual([]);
    const kept = await storages();
    expect(kept + visitor.requests.join("\n")).not.toContain(token);
  });

  it("is waited for where that is required, without a failure, and what they wrote goes along", async () => {
    const { id, sign } = await website("required");
    await visitor.open(page(id));
    await visitor.say("Hello");
    await visitor.panel.getByText("Waiting for the website to say who you are").waitFor();
    expect(await visitor.panel.getByText("Not sent").count()).toBe(0);
    await eventually(async () =>
      expect(await eventsOf(visitor, "error")).toMatchObject([{ code: "identity_required" }]),
    );
    await visitor.call("identify", { userId: "ada", token: sign("ada") });
    await eventually(async () =>
      expect(await world.platform.conversations(id)).toMatchObject([{ user_verified: true }]),
    );
    await visitor.panel.getByText("Waiting for the agent").waitFor();
    expect(await visitor.panel.locator(".message.user").innerText()).toContain("Hello");
  });

  it("is not verified by a wrong token, which the site's developers are told", async () => {
    const { id } = await website("optional");
    await visitor.open(page(id));
    await visitor.call("identify", { userId: "ada", token: signer("another secret")("ada") });
    await visitor.say("Hello");
    await eventually(async () =>
      expect(await world.platform.conversations(id)).toMatchObject([{ user_verified: false }]),
    );
    // The platform has it before the browser knows.
    await eventually(async () =>
      expect(await eventsOf(visitor, "error")).toMatchObject([{ code: "identity_refused" }]),
    );
    await eventually(() => expect(visitor.logged).toHaveLength(1));
  });

  it("leaves nothing to the next person of the same browser, not even a draft, though they never log out", async () => {
    const { id, sign } = await website("optional");
    await visitor.open(page(id));
    await visitor.call("identify", { userId: "ada", token: sign("ada") });
    await visitor.say("A secret of Ada's");
    await eventually(async () => expect(await world.platform.conversations(id)).toHaveLength(1));
    await visitor.field.fill("And half a sentence");
    await visitor.call("identify", { userId: "grace", token: sign("grace") });
    await visitor.panel.getByText("A secret of Ada's").waitFor({ state: "detached" });
    expect(await visitor.field.inputValue()).toBe("");
    await visitor.say("Grace is here");
    await eventually(async () =>
      expect(await world.platform.conversations(id)).toMatchObject([
        { user_id: "grace", user_verified: true },
        { user_id: "ada", user_verified: true },
      ]),
    );
    expect(await storages()).not.toMatch(/\b[Aa]da\b/);
  });

  it.each(["where they talk", "on a page where the panel was not opened"])(
    "logs out %s, and a copy of their visitor token opens nothing any more",
    async (where) => {
      const { id, sign } = await website("optional");
      await visitor.open(page(id));
      await visitor.call("identify", { userId: "ada", token: sign("ada") });
      await visitor.say("A secret of Ada's");
      await eventually(async () => expect(await storages()).toContain("visitorToken"));
      const kept = await storages();
      const [, copied = ""] = /"visitorToken\\":\\"([^"\\]+)/.exec(kept) ?? [];
      const [found] = await world.platform.conversations(id);
      const messages = async (): Promise<number> => {
        const path = `/core/public/web-widgets/${id}/conversations/${String(found?.["id"])}/messages`;
        const headers = { "X-Visitor-Token": copied };
        return (await fetch(world.platform.origin + path, { headers })).status;
      };
      expect(await messages()).toBe(200);
      if (where !== "where they talk") {
        await visitor.call("close");
        await visitor.page.goto(page(id));
        await visitor.launcher.waitFor();
      }
      await visitor.call("logout");
      await eventually(async () => expect(await messages()).toBe(401));
      await eventually(async () => expect(await storages()).not.toContain("visitorToken"));
    },
  );
});

/** A widget with an identity secret, and what its website's server does with it. */
async function website(identity: string): Promise<{ id: string; sign: (sub: string) => string }> {
  const { platform } = world;
  const id = await platform.widget();
  const { data } = await platform.api("POST", "/graphql", {
    query: `mutation ($id: UUID!) { rotateWidgetIdentitySecret(input: { id: $id }) { secret } }`,
    variables: { id },
  });
  const { rotateWidgetIdentitySecret } = data as { rotateWidgetIdentitySecret: { secret: string } };
  await platform.api("PUT", `/core/web-widgets/${id}/security`, { identity });
  return { id, sign: signer(rotateWidgetIdentitySecret.secret) };
}

/** By hand, as the README says it for any language. */
function signer(secret: string): (sub: string) => string {
  const base64url = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");
  return (sub) => {
    const exp = Math.floor(Date.now() / 1000) + 600;
    const signed = `${base64url({ alg: "HS256" })}.${base64url({ sub, exp })}`;
    return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
  };
}

/** Of the page and of the panel. */
async function storages(): Promise<string> {
  const texts = visitor.page
    .frames()
    .map(async (frame) =>
      frame.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }])),
    );
  return (await Promise.all(texts)).join("\n");
}

function page(id: string): string {
  const body = world.platform.scriptTag(id);
  return world.site.origin() + world.site.page({ head: EVENT_RECORDER, body });
}
