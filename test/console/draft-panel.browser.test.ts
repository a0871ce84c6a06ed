import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { DRAFT_PREVIEW_READY } from "../../src/protocol/draft-preview-messages.js";
import { FROM_CONSOLE } from "../support/console.js";
import { describeInBrowser, useConsole } from "./support.js";

const QUESTION = "What are your opening hours?";
const DRAFT = {
  starting_message: { type: "bot_initiates_static", text: "A draft greets you." },
  faq: [{ question: QUESTION, answer: "The draft opens at noon." }],
  quick_actions: [{ id: "hours", label: "Opening hours", message: QUESTION }],
};
const HOST = "/a-page-of-the-platform";

interface Made {
  readonly token: string;
  readonly widgetConfig: object;
  readonly quickActions: readonly object[];
}

/** As the console's own page asks, from the page. */
async function ask(page: Page, query: string, variables: object, organization?: string) {
  const headers = {
    "content-type": "application/json",
    "x-parley-console": FROM_CONSOLE["x-parley-console"],
    ...(organization === undefined ? {} : { "x-anyreach-org": organization }),
  };
  const body = JSON.stringify({ query, variables });
  const answer = await page.evaluate(
    async (init) => (await fetch("/graphql", { method: "POST", ...init })).json(),
    { headers, body },
  );
  expect(answer.errors).toBeUndefined();
  return answer.data;
}

describeInBrowser("the panel for a draft", () => {
  const fixture = useConsole({ withAgent: true });

  const pages: { owner?: Page } = {};

  /** The console. Its link is good once, the session for all tests. */
  async function signedIn(): Promise<Page> {
    const page = pages.owner ?? (await fixture.arrive());
    await page.goto(pages.owner ? `${fixture.platform.origin}/console/` : fixture.platform.link);
    if (!pages.owner) await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("link", { name: "People" }).waitFor();
    pages.owner = page;
    return page;
  }

  async function makeDraft(page: Page): Promise<Made> {
    const { viewer } = await ask(page, "{ viewer { organizations { organization { id } } } }", {});
    const { id } = viewer.organizations[0].organization;
    const { agents } = await ask(page, "{ agents { nodes { id } } }", {}, id);
    const agentId = agents.nodes[0].id;
    const make = `mutation ($input: CreateAgentVersionInput!) {
      createAgentVersion(input: $input) { agentVersion { version } }
    }`;
    const made = await ask(page, make, { input: { agentId, from: { config: DRAFT } } }, id);
    const { version } = made.createAgentVersion.agentVersion;
    const attempt = `mutation ($input: CreateDraftPreviewInput!) {
      createDraftPreview(input: $input) { token widgetConfig quickActions }
    }`;
    const input = { agentId, version };
    return (await ask(page, attempt, { input }, id)).createDraftPreview;
  }

  test("shows it in a frame whose origin is nobody's, by what its parent hands over", async () => {
    const page = await signedIn();
    const handover = { type: "parley_draft_preview", ...(await makeDraft(page)) };
    const { origin } = fixture.platform;
    await page.route(`${origin}${HOST}`, (route) =>
      route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Host</title>" }),
    );
    await page.goto(origin + HOST);
    await page.evaluate(
      ({ ready, message }) => {
        addEventListener("message", ({ data, source, origin: from }) => {
          if (data === ready) document.title = from;
          if (data === ready) source?.postMessage(message, { targetOrigin: "*" });
          if (data.conversationId) document.body.dataset["began"] = data.type;
        });
        const frame = document.createElement("iframe");
        frame.src = "/public/embed/draft-preview/panel";
        frame.setAttribute("sandbox", "allow-scripts");
        document.body.append(frame);
      },
      { ready: DRAFT_PREVIEW_READY, message: handover },
    );
    const panel = page.frameLocator("iframe");
    await panel.getByText("Opening hours", { exact: true }).click();
    const said = panel.getByRole("log", { name: "Conversation" });
    await said.getByText("The draft opens at noon.").waitFor();
    await said.getByText("A draft greets you.").waitFor();
    expect(await page.title()).toBe("null");
    expect(await page.locator("body").getAttribute("data-began")).toBe(
      "parley_draft_preview_began",
    );
    expect(await panel.getByLabel("Talk by voice").count()).toBe(0);
    expect(fixture.complaints).toEqual([]);
  });

  test("has an origin at the other name of this machine, and a microphone there", async () => {
    const page = await signedIn();
    const handover = { type: "parley_draft_preview", ...(await makeDraft(page)) };
    const preview = new URL(fixture.platform.origin);
    preview.hostname = "localhost";
    await page.context().grantPermissions(["microphone"]);
    const framed = await page.evaluate(
      ({ ready, message }) => {
        const { preview: origin = "" } = document.documentElement.dataset;
        addEventListener("message", ({ data, origin: from, source }) => {
          if (data !== ready) return;
          document.title = from;
          source?.postMessage(message, { targetOrigin: origin });
        });
        const frame = document.createElement("iframe");
        frame.src = `${origin}/public/embed/draft-preview/panel`;
        frame.allow = `microphone ${origin}`;
        frame.id = "draft";
        // Above whatever the console shows.
        Object.assign(frame.style, { position: "fixed", inset: "0", zIndex: "9999" });
        document.body.append(frame);
        return origin;
      },
      { ready: DRAFT_PREVIEW_READY, message: handover },
    );
    expect(framed).toBe(preview.origin);
    const panel = page.frameLocator("#draft");
    await panel.getByText("Opening hours", { exact: true }).click();
    const said = panel.getByRole("log", { name: "Conversation" });
    await said.getByText("The draft opens at noon.").waitFor();
    expect(await page.title()).toBe(preview.origin);
    const heard = await panel.locator("body").evaluate(async () => {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
      return stream.getAudioTracks().length;
    });
    expect(heard).toBe(1);
    expect(fixture.complaints).toEqual([]);
  });
});
