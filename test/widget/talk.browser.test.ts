import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  describeInBrowser,
  EVENT_RECORDER,
  eventsOf,
  eventually,
  useBrowser,
  Visitor,
  type WidgetOptions,
} from "./support.js";

const world = useBrowser();
const FAQ = {
  starting_message: { type: "user_initiates" },
  faq: [
    {
      question: "Can I return my order?",
      answer: "Yes:\n\n- within **30 days**\n- see [the guide](https://shop.example/returns)",
    },
  ],
};
let visitor: Visitor;

describeInBrowser("a talk with the agent", () => {
  beforeEach(async () => {
    visitor = await Visitor.arrive(world.browser);
    await recordMicrophones();
  });
  afterEach(async () => {
    await visitor.leave();
  });

  it("begins by text without a microphone, goes on by voice in the same room, and back, in one transcript", async () => {
    const id = await openWidget({ agent: FAQ });
    await visitor.say("Can I return my order?");
    expect(await visitor.answer()).toContain("within 30 days");
    expect(await microphones()).toBe(0);

    await visitor.panel.getByLabel("Talk by voice").click();
    await visitor.panel.getByText("Back to text").waitFor();
    await visitor.panel.getByRole("log").getByText("Voice on").waitFor();
    // The agent hears what the browser's fake microphone plays, and says so.
    await visitor.panel.locator('.message.user[data-mode="voice"]').first().waitFor();
    expect(await microphones()).toBe(1);

    await visitor.panel.getByText("Back to text").click();
    await visitor.panel.getByRole("log").getByText("Voice off").waitFor();
    expect(await microphones()).toBe(0);
    await visitor.say("And by text again");
    await visitor.panel.getByText("And by text again", { exact: false }).last().waitFor();
    await eventually(async () => {
      const texts = await visitor.panel.locator(".log").innerText();
      expect(texts.indexOf("Can I return")).toBeLessThan(texts.indexOf("Voice on"));
      expect(texts.indexOf("Voice off")).toBeLessThan(texts.indexOf("And by text"));
    });
    const starts = visitor.requests.filter((request) => /^POST .*\/conversations$/.test(request));
    expect(starts).toHaveLength(1);
    expect(await world.platform.conversations(id)).toHaveLength(1);
  });

  it("streams the answer in, and draws its Markdown without any HTML of the agent's", async () => {
    const agent = {
      ...FAQ,
      faq: [
        {
          question: "Show me markup",
          answer: "<img src=x onerror=alert(1)> **bold** [x](javascript:alert(1))",
        },
      ],
    };
    await openWidget({ agent });
    await visitor.say("Show me markup");
    await visitor.answer();
    const message = visitor.panel.locator(".message.agent .prose");
    expect(await message.locator("img, a").count()).toBe(0);
    expect(await message.locator("strong").innerText()).toBe("bold");
    expect(await message.innerText()).toContain("<img src=x");
  });

  it("links open apart from the page and carry nothing along", async () => {
    await openWidget({ agent: FAQ });
    await visitor.say("Can I return my order?");
    await visitor.answer();
    const link = visitor.panel.locator(".message.agent a");
    expect(await link.getAttribute("target")).toBe("_blank");
    expect(await link.getAttribute("rel")).toContain("noopener");
  });

  it("tells the page what happens: started, each message, unread, ended", async () => {
    await openWidget({ agent: FAQ });
    await visitor.sayAndClose("Can I return my order?");
    await eventually(async () =>
      expect((await eventsOf(visitor, "unread")).at(-1)).toEqual({ count: 1 }),
    );
    expect(await visitor.launcher.getAttribute("aria-label")).toContain("1 unread");
    await visitor.launcher.click();
    await eventually(async () =>
      expect((await eventsOf(visitor, "unread")).at(-1)).toEqual({ count: 0 }),
    );
    const messages = await eventsOf(visitor, "message");
    expect(messages.map(({ role }) => role)).toEqual(["user", "agent"]);
    await visitor.menu("End conversation");
    await visitor.panel.getByText("This conversation has ended").waitFor();
    await eventually(async () =>
      expect(await eventsOf(visitor, "conversation_ended")).toHaveLength(1),
    );
    expect(await eventsOf(visitor, "conversation_started")).toHaveLength(1);
  });

  it("shows that its owner has ended it; what the visitor had begun to write outlives that, and a page before", async () => {
    const id = await openWidget({ agent: FAQ });
    await visitor.say("Can I return my order?");
    await visitor.answer();
    await visitor.field.fill("Half a mess");
    await visitor.page.reload();
    await eventually(async () => expect(await visitor.field.inputValue()).toBe("Half a mess"));
    // A room has to be there to be closed.
    await visitor.say("And this one?");
    await visitor.answer(1);
    await visitor.field.fill("Half another");
    const [talk] = await world.platform.conversations(id);
    const query = `mutation ($id: UUID!) {
      endConversation(input: { id: $id }) { conversation { status } }
    }`;
    const variables = { id: talk?.["id"] };
    expect(await world.platform.api("POST", "/graphql", { query, variables })).toEqual({
      data: { endConversation: { conversation: { status: "COMPLETED" } } },
    });
    await visitor.panel.getByText("This conversation has ended").waitFor();
    await eventually(async () =>
      expect(await eventsOf(visitor, "conversation_ended")).toHaveLength(1),
    );
    expect(await world.platform.conversations(id)).toMatchObject([{ status: "completed" }]);
    await visitor.panel.getByRole("button", { name: "New conversation" }).click();
    expect(await visitor.field.inputValue()).toBe("Half another");
  });

  it("resumes with its history after a reload, and a new conversation begins clean", async () => {
    const id = await openWidget({ agent: FAQ });
    await visitor.say("Can I return my order?");
    await visitor.answer();
    await visitor.page.reload();
    await visitor.panel.getByText("Can I return my order?").waitFor();
    expect(await visitor.answer()).toContain("within 30 days");
    await visitor.say("Still there?");
    await visitor.answer(1);
    expect(await world.platform.conversations(id)).toHaveLength(1);
    await visitor.menu("New conversation");
    await visitor.panel.locator(".message").first().waitFor({ state: "detached" });
    await visitor.say("Something else");
    await visitor.answer();
    expect(await world.platform.conversations(id)).toHaveLength(2);
  });

  it("goes on in the same room when a link of the page opens no page: a download, a mail", async () => {
    const id = await world.platform.widget({ agent: FAQ });
    const headers = { "content-disposition": "attachment; filename=terms.html" };
    const file = world.site.page({ headers });
    const body = `<a id="file" href="${file}">Terms</a>${world.platform.scriptTag(id)}`;
    const head = `<script>onbeforeunload = () => { window.wasAsked = true; };</script>`;
    await visitor.open(world.site.origin() + world.site.page({ head, body }));
    await visitor.say("Can I return my order?");
    await visitor.answer();
    await visitor.page.locator("#file").click({ noWaitAfter: true });
    await visitor.page.waitForFunction(() => Reflect.get(window, "wasAsked") === true);
    await visitor.say("Still there?");
    await visitor.answer(1);
    const starts = visitor.requests.filter((request) => /^POST .*\/conversations$/.test(request));
    expect(starts).toHaveLength(1);
  });

  it("leaves at once when the visitor ends it", async () => {
    const id = await openWidget({ agent: FAQ });
    await visitor.say("Can I return my order?");
    await visitor.answer();
    await visitor.menu("End conversation");
    await eventually(async () => {
      const [conversation] = await world.platform.conversations(id);
      expect(conversation?.["status"]).toBe("completed");
    });
  });

  it("comes back by itself when the network does, with a token of its own", async () => {
    await visitor.page.addInitScript(() => {
      const sockets: WebSocket[] = [];
      const connections: RTCPeerConnection[] = [];
      const [Socket, Connection] = [window.WebSocket, window.RTCPeerConnection];
      window.WebSocket = class extends Socket {
        constructor(...args: ConstructorParameters<typeof WebSocket>) {
          super(...args);
          sockets.push(this);
        }
      };
      window.RTCPeerConnection = class extends Connection {
        constructor(...args: ConstructorParameters<typeof RTCPeerConnection>) {
          super(...args);
          connections.push(this);
        }
      };
      Reflect.set(window, "cutOff", () => {
        for (const connection of connections) connection.close();
        for (const socket of sockets) socket.close();
      });
    });
    await openWidget({ agent: FAQ });
    await visitor.say("Can I return my order?");
    await visitor.answer();
    await visitor.context.setOffline(true);
    await visitor.page
      .frames()
      .at(-1)
      ?.evaluate(() => (Reflect.get(window, "cutOff") as () => void)());
    await visitor.panel.getByText("Reconnecting").first().waitFor();
    await visitor.page.waitForTimeout(12_000);
    await visitor.context.setOffline(false);
    await visitor.say("Are you back?");
    await visitor.panel.locator(".message.agent").nth(1).waitFor();
  });

  it("loses no word and says none twice when the platform dies under it: what waits is sent to the next agent", async () => {
    const id = await openWidget({ agent: FAQ });
    await visitor.say("Can I return my order?");
    await visitor.answer();
    await world.platform.crash();
    // Nobody has noticed yet, then everybody has.
    await visitor.say("Into the dark");
    await visitor.panel.getByText("Reconnecting").first().waitFor();
    await visitor.say("Still in the dark");
    const waiting = visitor.panel.locator('.message.user[data-state="sending"]');
    await eventually(async () => expect(await waiting.count()).toBe(2));

    await world.platform.begin();
    const heard = visitor.panel.locator('.message.user[data-state="done"]');
    await eventually(async () => expect(await heard.count()).toBe(3));
    await visitor.panel.locator(".message.agent").getByText("Still in the dark").waitFor();
    await eventually(async () => {
      const [conversation] = await world.platform.conversations(id);
      const said = await world.platform.userTexts(conversation?.["id"]);
      expect(said).toEqual(["Can I return my order?", "Into the dark", "Still in the dark"]);
    });
  });

  it("opens with a question that was tapped above the closed launcher, and with one that the page sends", async () => {
    const id = await world.platform.widget({
      agent: FAQ,
      v1: { suggested_questions: ["Can I return my order?"] },
    });
    await visitor.page.goto(page(id));
    await visitor.page.locator("parley-widget .chip").click();
    expect(await visitor.answer()).toContain("within 30 days");
    await visitor.call("send", "Can I return my order?");
    expect(await visitor.answer(1)).toContain("within 30 days");
  });

  it("offers quick actions, each with a message of its own", async () => {
    const quick_actions = [{ id: "r", label: "Returns", message: "Can I return my order?" }];
    await openWidget({ agent: FAQ, v1: { quick_actions } });
    await visitor.panel.getByRole("button", { name: "Returns" }).click();
    await visitor.panel.getByText("Can I return my order?").waitFor();
    expect(await visitor.answer()).toContain("within 30 days");
    expect(await visitor.panel.locator(".quick").count()).toBe(0);
  });

  it("starts when it is opened, if so configured: the agent speaks first", async () => {
    const agent = {
      starting_message: { type: "bot_initiates_static", text: "Welcome to the shop." },
    };
    await openWidget({ agent, v1: { start_conversation_on_toggle: true } });
    expect(await visitor.answer()).toContain("Welcome to the shop.");
  });

  it("in voice mode asks for the microphone on opening", async () => {
    await openWidget({ agent: FAQ, v1: { default_mode: "voice" } });
    await visitor.panel.getByText("Back to text").waitFor();
    await eventually(async () => expect(await microphones()).toBe(1));
  });

  it("mutes, chooses a device, and shows that a call goes on while the panel is closed", async () => {
    await openWidget({ agent: FAQ });
    await visitor.panel.getByLabel("Talk by voice").click();
    const mute = visitor.panel.getByLabel("Mute microphone", { exact: true });
    await mute.click();
    expect(await visitor.panel.getByLabel("Unmute microphone").getAttribute("data-on")).toBe(
      "true",
    );
    await visitor.panel.getByLabel("Microphone and speaker").click();
    await eventually(async () => {
      const count = await visitor.panel
        .getByLabel("Microphone", { exact: true })
        .locator("option")
        .count();
      expect(count).toBeGreaterThan(1);
    });
    const choice = visitor.panel.getByLabel("Microphone", { exact: true });
    await choice.selectOption({ index: 1 });
    const chosen = await choice.inputValue();
    await visitor.panel.getByLabel("Microphone and speaker").click();
    await choice.waitFor({ state: "detached" });
    await visitor.panel.getByLabel("Microphone and speaker").click();
    await eventually(async () => expect(await choice.inputValue()).toBe(chosen));
    await visitor.call("close");
    await eventually(async () => {
      expect(await visitor.launcher.getAttribute("aria-label")).toContain("in a call");
    });
  });

  describe("when there is no microphone", () => {
    it("denied: it says so and goes on by text", async () => {
      await visitor.leave();
      visitor = await Visitor.arrive(world.browser, { microphone: false });
      await openWidget({ agent: FAQ });
      await visitor.panel.getByLabel("Talk by voice").click();
      await visitor.panel.getByText("The microphone is blocked").waitFor();
      await visitor.say("Can I return my order?");
      expect(await visitor.answer()).toContain("within 30 days");
    });

    it("missing: it says so", async () => {
      await visitor.page.addInitScript(() => {
        navigator.mediaDevices.getUserMedia = () =>
          Promise.reject(new DOMException("none", "NotFoundError"));
      });
      await openWidget({ agent: FAQ });
      await visitor.panel.getByLabel("Talk by voice").click();
      await visitor.panel.getByText("No microphone was found").waitFor();
    });

    it("forbidden by the host page's policy: it says so, and in voice mode the talk starts by text", async () => {
      const id = await world.platform.widget({ agent: FAQ, v1: { default_mode: "voice" } });
      const headers = { "permissions-policy": "microphone=()" };
      const body = world.platform.scriptTag(id);
      await visitor.open(world.site.origin() + world.site.page({ body, headers }));
      await visitor.panel.getByText("does not let the chat use the microphone").waitFor();
      await visitor.say("Can I return my order?");
      expect(await visitor.answer()).toContain("within 30 days");
    });

    it("on an insecure page: it says so", async () => {
      const id = await world.platform.widget({ agent: FAQ });
      await visitor.open(page(id, "shop.example"));
      await visitor.panel.getByLabel("Talk by voice").click();
      await visitor.panel.getByText("only on secure (https) pages").waitFor();
    });
  });

  it("shows the agent's form in the panel and takes the answer back to the agent", async () => {
    const form = {
      id: "callback",
      name: "Call me back",
      title: "When may we call you?",
      fields: [{ id: "name", type: "text", label: "Your name", required: true }],
    };
    await openWidget({ agent: { ...FAQ, built_in_tools: { forms: [form] } } });
    await visitor.say("Please show me the form");
    await visitor.panel.getByText("When may we call you?").waitFor();
    await visitor.panel.getByRole("button", { name: "Submit" }).click();
    await visitor.panel.getByText("Please fill in").first().waitFor();
    // Another agent answers after it, and knows the form.
    await visitor.page.reload();
    await visitor.isDrawn();
    await visitor.panel.getByLabel("Your name").fill("Ada");
    await visitor.panel.getByRole("button", { name: "Submit" }).click();
    const sent = visitor.panel.locator(".card-state").getByText("Sent");
    await sent.waitFor();
    await visitor.panel.getByRole("log").getByText("I have noted it").waitFor();
    await visitor.page.reload();
    await sent.waitFor();
    expect(await visitor.panel.locator(".log").innerText()).toMatch(
      /show me the form[^]*When may we call you/,
    );
  });
});

async function openWidget(options: WidgetOptions): Promise<string> {
  const id = await world.platform.widget(options);
  await visitor.open(page(id));
  return id;
}

function page(id: string, host?: string): string {
  const parts = { head: EVENT_RECORDER, body: world.platform.scriptTag(id) };
  return world.site.origin(host) + world.site.page(parts);
}

/** How many microphones the panel holds open right now: what a browser's own sign in the tab would show. */
async function microphones(): Promise<number> {
  const frame = visitor.page.frames().find((one) => one.url().includes("/panel"));
  const count = await frame?.evaluate(() => {
    const tracks = (Reflect.get(window, "tracks") ?? []) as MediaStreamTrack[];
    return tracks.filter((track) => track.readyState === "live").length;
  });
  return count ?? 0;
}

async function recordMicrophones(): Promise<void> {
  await visitor.page.addInitScript(() => {
    const tracks: MediaStreamTrack[] = [];
    Reflect.set(window, "tracks", tracks);
    const { mediaDevices } = navigator;
    if (mediaDevices === undefined) return;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (constraints) => {
      const stream = await open(constraints);
      tracks.push(...stream.getTracks());
      return stream;
    };
  });
}
