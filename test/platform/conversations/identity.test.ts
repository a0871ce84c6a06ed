import { createHmac } from "node:crypto";
import { generateKeyPair, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestApp, type Answer } from "../../support/app.js";
import { onPostgres } from "../../support/database.js";
import {
  makeWebsite,
  rotateSecret,
  setSecurity,
  signIdentity,
  type Website,
} from "../../support/identity.js";
import {
  beginByGraphQL,
  codeOf,
  feedbackConfig,
  giveFeedback,
  listPublic,
  readMessages,
  talkOf,
  visitWidget,
  type Talk,
  type Visit,
} from "../../support/visitor.js";

const HOUR = 60 * 60;
const DAY = 24 * HOUR;

let app: TestApp;
let organization: { id: string; key: string };
let site: Website;
beforeAll(async () => {
  app = await TestApp.start();
  organization = await app.organization();
  site = await makeWebsite(app, organization.key, { fields: { config: feedbackConfig() } });
});
afterAll(() => app.stop());

type VisitAt = Visit & { readonly at?: Website };

const visit = (userId: string, { at = site, ...options }: VisitAt = {}): Promise<Answer> =>
  visitWidget(app, at.widget.id, userId, options);
const begin = async (userId: string, options?: VisitAt): Promise<Talk> =>
  talkOf(await visit(userId, options));
const proofOf = (userId: string, claims = {}, at = site): Promise<string> =>
  signIdentity(app, at.secret, { sub: userId, ...claims });

async function beginVerified(userId: string, options: VisitAt = {}): Promise<Talk> {
  const at = options.at ?? site;
  return begin(userId, { ...options, identity: await proofOf(userId, {}, at) });
}

/** Whether a token reads what was said. */
async function reads(talk: Talk, token: string | undefined, at = site): Promise<boolean> {
  const answer = await readMessages(app, at.widget.id, talk.id, token);
  expect([200, 401]).toContain(answer.status);
  return answer.status === 200;
}

async function listed(token: string, at = site): Promise<string[]> {
  const answer = await listPublic(app, at.widget.id, { token, query: "?limit=100" });
  expect(answer.status).toBe(200);
  return answer.body.map((item: { id: string }) => item.id);
}

async function stored(id: string) {
  return (await app.get(`/core/conversations/${id}`, organization.key)).body;
}

const seconds = (): number => Math.floor(app.clock.now().getTime() / 1000);

describe("a signed identity", () => {
  test("makes a verified conversation, for its owner and the public answer alike", async () => {
    const identity = await proofOf("ada", { metadata: { plan: "pro", level: 3 } });
    const talk = await begin("ada", { identity, metadata: { plan: "typed" } });
    expect(talk.verified).toBe(true);
    expect(await stored(talk.id)).toMatchObject({
      user_verified: true,
      identity_metadata: { plan: "pro", level: 3 },
      custom_metadata: { plan: "typed" },
    });
    expect((await begin("ada")).verified).toBe(false);
  });

  test("by GraphQL does the same, and signed metadata is sensitive there too", async () => {
    const answer = await beginByGraphQL(app, site.widget.id, {
      userId: "ada",
      identityToken: await proofOf("ada", { metadata: { plan: "pro" } }),
    });
    const { id } = answer.body.data.startConversation.conversation;
    const query = `query ($id: UUID!) { conversation(id: $id) { userVerified identityMetadata } }`;
    const full = await app.gql(query, { id }, organization.key);
    expect(full.body.data.conversation).toEqual({
      userVerified: true,
      identityMetadata: { plan: "pro" },
    });
    const reader = await app.key(organization.id, ["conversations:read"]);
    const part = await app.gql(query, { id }, reader);
    expect(part.body.data.conversation).toEqual({ userVerified: true, identityMetadata: null });
    expect(codeOf(part)).toBe("FORBIDDEN");
    const rest = (await app.get(`/core/conversations/${id}`, reader)).body;
    expect(rest.user_verified).toBe(true);
    expect(rest).not.toHaveProperty("identity_metadata");
  });

  test("is good up to a day ahead, and a minute after its end for clocks that differ", async () => {
    for (const exp of [seconds() + DAY, seconds() + DAY + 50, seconds() - 50]) {
      expect((await begin("ada", { identity: await proofOf("ada", { exp }) })).verified).toBe(true);
    }
  });

  test("of another user_id is 422, by both doors", async () => {
    const identity = await proofOf("bob");
    const answer = await visit("ada", { identity });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe("identity_token");
    const twin = await beginByGraphQL(app, site.widget.id, {
      userId: "ada",
      identityToken: identity,
    });
    expect(codeOf(twin)).toBe("BAD_USER_INPUT");
  });

  test("is what a widget asks for that requires it: none is 401, for a start and a resume", async () => {
    const strict = await makeWebsite(app, organization.key, { identity: "required" });
    expect((await visit("ada", { at: strict })).status).toBe(401);
    expect(codeOf(await beginByGraphQL(app, strict.widget.id, { userId: "ada" }))).toBe(
      "UNAUTHENTICATED",
    );
    const talk = await beginVerified("ada", { at: strict });
    // The visitor token remembers the proof while that is good.
    await begin("ada", { at: strict, resumes: talk.id, token: talk.token });
    app.clock.forward(700);
    const late = await visit("ada", { at: strict, resumes: talk.id, token: talk.token });
    expect(late.status).toBe(401);
  });

  test("means nothing where it is off", async () => {
    const off = await makeWebsite(app, organization.key, { identity: "off" });
    for (const identity of [await proofOf("ada", {}, off), "nonsense"]) {
      expect((await begin("ada", { at: off, identity })).verified).toBe(false);
    }
  });

  test("required without a secret keeps the widget from being ready", async () => {
    const widget = await app.widget(organization.key);
    await setSecurity(app, organization.key, widget.id, { identity: "required" });
    const query = `query ($id: UUID!) { widget(id: $id) { readiness { live blockers { code } } security { identity } } }`;
    const { readiness, security } = (await app.gql(query, { id: widget.id }, organization.key)).body
      .data.widget;
    expect(readiness).toEqual({ live: false, blockers: [{ code: "IDENTITY_WITHOUT_SECRET" }] });
    expect(security).toEqual({ identity: "REQUIRED" });
  });
});

describe("a start that is refused for its visitor's identity", () => {
  test("says which by a code beside the sentence: none where one is needed, wrong, or used before", async () => {
    const strict = await makeWebsite(app, organization.key, { identity: "required" });
    expect((await visit("ada", { at: strict })).body.code).toBe("identity_required");
    const wrong = await signIdentity(app, "another secret", { sub: "ada" });
    expect((await visit("ada", { identity: wrong })).body.code).toBe("identity_refused");
    const once = await proofOf("ada", { jti: "read by a program" });
    await begin("ada", { identity: once });
    expect((await visit("ada", { identity: once })).body.code).toBe("identity_refused");
    const twin = await beginByGraphQL(app, site.widget.id, { userId: "ada", identityToken: wrong });
    expect(twin.body.errors[0].extensions.reason).toBe("IDENTITY_REFUSED");
    const talk = await begin("ada", { identity: await proofOf("ada") });
    const stranger = await visit("ada", { resumes: talk.id });
    expect([stranger.status, stranger.body.code]).toEqual([401, undefined]);
  });
});

describe("a token that is no signed identity is 401, by both doors, and starts nothing", () => {
  const encode = (value: object): string =>
    Buffer.from(JSON.stringify(value)).toString("base64url");

  const forgeries: Record<string, () => Promise<string>> = {
    nonsense: async () => "nonsense",
    "an empty one": async () => "",
    "signed with another secret": () => signIdentity(app, "x".repeat(47), { sub: "ada" }),
    "signed with another widget's secret": async () =>
      proofOf("ada", {}, await makeWebsite(app, organization.key)),
    "signed with the secret of a widget of another organization": async () => {
      const stranger = await app.organization();
      return proofOf("ada", {}, await makeWebsite(app, stranger.key));
    },
    "signed with nothing (alg none)": async () =>
      new UnsecuredJWT({ sub: "ada", exp: seconds() + 600 }).encode(),
    "alg none in another case, with the signature of a good one": async () => {
      const [, payload, signature] = (await proofOf("ada")).split(".");
      return `${encode({ alg: "nOnE" })}.${payload}.${signature}`;
    },
    "HS512 with the right secret": () => signIdentity(app, site.secret, { sub: "ada" }, "HS512"),
    "HS384 with the right secret": () => signIdentity(app, site.secret, { sub: "ada" }, "HS384"),
    RS256: async () => {
      const { privateKey } = await generateKeyPair("RS256");
      return new SignJWT({ sub: "ada", exp: seconds() + 600 })
        .setProtectedHeader({ alg: "RS256" })
        .sign(privateKey);
    },
    "called RS256, signed with the right secret as HS256": async () => {
      const [, payload, signature] = (await proofOf("ada")).split(".");
      return `${encode({ alg: "RS256" })}.${payload}.${signature}`;
    },
    "with the name changed after it was signed": async () => {
      const [header, , signature] = (await proofOf("bob")).split(".");
      return `${header}.${encode({ sub: "ada", exp: seconds() + 600 })}.${signature}`;
    },
    "with the key in its own header": async () => {
      const text = "y".repeat(40);
      const [, payload] = (await signIdentity(app, text, { sub: "ada" })).split(".");
      const k = Buffer.from(text).toString("base64url");
      const signed = `${encode({ alg: "HS256", jwk: { kty: "oct", k } })}.${payload}`;
      return `${signed}.${createHmac("sha256", text).update(signed).digest("base64url")}`;
    },
    "with an extension nobody knows": async () =>
      new SignJWT({ sub: "ada", exp: seconds() + 600 })
        .setProtectedHeader({ alg: "HS256", crit: ["own"], own: true })
        .sign(new TextEncoder().encode(site.secret), { crit: { own: true } }),
    expired: () => proofOf("ada", { exp: seconds() - 70 }),
    "without an end": () => proofOf("ada", { exp: undefined }),
    "with an end that is no number": () => proofOf("ada", { exp: "tomorrow" }),
    "with an end more than a day ahead": () => proofOf("ada", { exp: seconds() + DAY + 120 }),
    "with an end at the end of time": () => proofOf("ada", { exp: Number.MAX_SAFE_INTEGER }),
    "not good yet": () => proofOf("ada", { nbf: seconds() + 120 }),
    "without a name": () => proofOf("ada", { sub: undefined }),
    "with a list for a name": () => proofOf("ada", { sub: ["ada"] }),
    "with a jti that is no text": () => proofOf("ada", { jti: 5 }),
    "with an empty jti": () => proofOf("ada", { jti: "" }),
    "with metadata that is no object": () => proofOf("ada", { metadata: "pro" }),
    "with metadata that cannot be stored": () => proofOf("ada", { metadata: { a: "\0" } }),
    "with metadata over 16 KB": () => proofOf("ada", { metadata: { a: "x".repeat(17_000) } }),
    "a visitor token": async () => (await begin("ada")).token,
    "an embed ticket": () => app.ticket(site.widget.id),
    "an organization's key": async () => organization.key,
  };

  for (const [name, forge] of Object.entries(forgeries)) {
    test(name, async () => {
      const identity = await forge();
      const count = (): Promise<number> =>
        app.db.conversation.count({ where: { webWidgetId: site.widget.id } });
      const before = await count();
      expect((await visit("ada", { identity })).status).toBe(401);
      const twin = await beginByGraphQL(app, site.widget.id, {
        userId: "ada",
        identityToken: identity,
      });
      expect(codeOf(twin)).toBe("UNAUTHENTICATED");
      expect(await count()).toBe(before);
    });
  }

  test("the message tells nothing about which check failed", async () => {
    const details = new Set<string>();
    for (const identity of ["x", await proofOf("ada", { exp: seconds() - 70 })]) {
      details.add((await visit("ada", { identity })).text);
    }
    expect(details.size).toBe(1);
  });
});

describe("the identity secret", () => {
  test("is shown once, stored sealed, and in no answer", async () => {
    const own = await makeWebsite(app, organization.key);
    const row = await app.db.widget.findUniqueOrThrow({ where: { id: own.widget.id } });
    const bytes = Buffer.from(row.identitySecret ?? []);
    expect(bytes.length).toBeGreaterThan(40);
    expect(bytes.includes(own.secret.slice(4))).toBe(false);
    for (const path of ["", "/security"]) {
      const answer = await app.get(`/core/web-widgets/${own.widget.id}${path}`, organization.key);
      expect(answer.text).not.toMatch(/secret|ids_/);
    }
    expect((await app.get(`/core/public/web-widgets/${own.widget.id}`)).text).not.toMatch(
      /identity|secret/,
    );
  });

  test("sealed for one widget does not open at another", async () => {
    const own = await makeWebsite(app, organization.key);
    const other = await makeWebsite(app, organization.key);
    const { identitySecret } = await app.db.widget.findUniqueOrThrow({
      where: { id: own.widget.id },
    });
    await app.db.widget.update({ where: { id: other.widget.id }, data: { identitySecret } });
    const answer = await visit("ada", { at: other, identity: await proofOf("ada", {}, own) });
    expect(answer.status).toBe(401);
  });

  test("the one before is good for an hour after a rotation, and then refused", async () => {
    const own = await makeWebsite(app, organization.key);
    const rotated = {
      ...own,
      secret: await rotateSecret(app, organization.key, own.widget.id),
    };
    app.clock.forward(HOUR - 60);
    await beginVerified("ada", { at: own });
    await beginVerified("ada", { at: rotated });
    app.clock.forward(61);
    const late = await visit("ada", { at: own, identity: await proofOf("ada", {}, own) });
    expect(late.status).toBe(401);
    await beginVerified("ada", { at: rotated });
  });

  test("the one before the one before ends at once", async () => {
    const own = await makeWebsite(app, organization.key);
    await rotateSecret(app, organization.key, own.widget.id);
    await beginVerified("ada", { at: own });
    await rotateSecret(app, organization.key, own.widget.id);
    const late = await visit("ada", { at: own, identity: await proofOf("ada", {}, own) });
    expect(late.status).toBe(401);
  });

  test("ended ends every proof made with it, though the visitor token goes on by its key", async () => {
    const own = await makeWebsite(app, organization.key);
    const exp = seconds() + 20 * HOUR;
    const first = await begin("ada", { at: own, identity: await proofOf("ada", { exp }, own) });
    const device = await begin("ada", { at: own, identity: await proofOf("ada", { exp }, own) });
    expect(await reads(first, device.token, own)).toBe(true);
    await rotateSecret(app, organization.key, own.widget.id);
    expect(await reads(first, device.token, own)).toBe(true);
    app.clock.forward(HOUR + 1);
    expect(await reads(first, device.token, own)).toBe(false);
    expect(await reads(device, device.token, own)).toBe(true);
  });

  test("needs web_widgets:manage in the widget's own organization", async () => {
    const query = `mutation ($id: UUID!) { rotateWidgetIdentitySecret(input: { id: $id }) { secret } }`;
    const before = await app.db.widget.findUnique({ where: { id: site.widget.id } });
    const stranger = await app.organization();
    const reader = await app.key(organization.id, ["web_widgets:read"]);
    const { id } = site.widget;
    expect(codeOf(await app.gql(query, { id }, stranger.key))).toBe("NOT_FOUND");
    expect(codeOf(await app.gql(query, { id }, reader))).toBe("FORBIDDEN");
    expect(codeOf(await app.gql(query, { id }))).toBe("UNAUTHENTICATED");
    expect(await app.db.widget.findUnique({ where: { id } })).toEqual(before);
  });
});

describe("a verified visitor", () => {
  test("has their verified conversations on every device: list, messages, feedback, resume", async () => {
    const first = await beginVerified("eve");
    const device = await beginVerified("eve");
    expect(await listed(device.token)).toEqual(expect.arrayContaining([first.id, device.id]));
    expect(await reads(first, device.token)).toBe(true);
    const rated = await giveFeedback(app, site.widget.id, first.id, { rating: 5 }, device.token);
    expect(rated.status).toBe(200);
    const resumed = await begin("eve", { resumes: first.id, token: device.token });
    expect(resumed.verified).toBe(true);
    expect(app.rooms.deleted).toContain(first.room);
  });

  test("resumes on a new device with the identity token alone", async () => {
    const first = await beginVerified("eve");
    const resumed = await beginVerified("eve", { resumes: first.id });
    expect(resumed.id).toBe(first.id);
    expect(await reads(first, resumed.token)).toBe(true);
  });

  test("does not have what began unverified under their name: it stays with its key", async () => {
    const impostor = await begin("victim");
    const victim = await beginVerified("victim");
    expect(await listed(victim.token)).not.toContain(impostor.id);
    expect(await reads(impostor, victim.token)).toBe(false);
    const answer = await visit("victim", {
      resumes: impostor.id,
      identity: await proofOf("victim"),
    });
    expect(answer.status).toBe(401);
    expect(await stored(impostor.id)).toMatchObject({ user_verified: false });
  });

  test("takes over what began unverified with the same key", async () => {
    const before = await begin("eve");
    const passed = await begin("eve", {
      resumes: before.id,
      token: before.token,
      identity: await proofOf("eve", { metadata: { plan: "pro" } }),
    });
    expect(passed.verified).toBe(true);
    expect(await stored(before.id)).toMatchObject({
      user_verified: true,
      identity_metadata: { plan: "pro" },
    });
    const device = await beginVerified("eve");
    expect(await reads(before, device.token)).toBe(true);
  });

  test("does not have another widget's conversations of the same name", async () => {
    const other = await makeWebsite(app, organization.key);
    const theirs = await beginVerified("eve", { at: other });
    const here = await beginVerified("eve");
    expect(await listed(here.token)).not.toContain(theirs.id);
    expect(await reads(theirs, here.token, other)).toBe(false);
  });

  test("without a ticket is bound all the same: nobody resumes it by its name", async () => {
    const talk = await beginVerified("eve", { bound: false });
    expect((await visit("eve", { resumes: talk.id })).status).toBe(401);
    expect((await listPublic(app, site.widget.id, { query: "?user_id=eve" })).text).not.toContain(
      talk.id,
    );
  });

  test("whose identity lapses in mid-talk goes on with what their key has, and no more", async () => {
    const elsewhere = await beginVerified("eve");
    const talk = await beginVerified("eve");
    expect(await reads(elsewhere, talk.token)).toBe(true);
    app.clock.forward(600 + 61);
    expect(await reads(elsewhere, talk.token)).toBe(false);
    expect(await listed(talk.token)).not.toContain(elsewhere.id);
    expect(await reads(talk, talk.token)).toBe(true);
    const renewed = (await readMessages(app, site.widget.id, talk.id, talk.token)).body;
    const resumed = await begin("eve", { resumes: talk.id, token: renewed.visitor_token });
    // The conversation stays verified; who is in this room is not.
    expect(
      await app.db.conversationRoom.findUnique({ where: { name: resumed.room } }),
    ).toMatchObject({ userVerified: false, opensTranscript: true });
    expect((await begin("eve", { token: resumed.token })).verified).toBe(false);
  });

  test("loses every proof when identity is switched off", async () => {
    const own = await makeWebsite(app, organization.key);
    const first = await beginVerified("eve", { at: own });
    const device = await beginVerified("eve", { at: own });
    await setSecurity(app, organization.key, own.widget.id, { identity: "off" });
    expect(await reads(first, device.token, own)).toBe(false);
    expect(await reads(device, device.token, own)).toBe(true);
  });
});

describe("an impostor who knows the name", () => {
  test("who started first and waits gets nothing when the real one comes", async () => {
    const impostor = await begin("carol");
    const real = await beginVerified("carol", { metadata: { order: 7 } });
    expect(await listed(impostor.token)).not.toContain(real.id);
    expect(await reads(real, impostor.token)).toBe(false);
    for (const token of [impostor.token, undefined]) {
      const options = { resumes: real.id, metadata: { order: 8 }, ...(token ? { token } : {}) };
      expect((await visit("carol", options)).status).toBe(401);
    }
    const rated = await giveFeedback(app, site.widget.id, real.id, { rating: 1 }, impostor.token);
    expect(rated.status).toBe(401);
    expect(app.rooms.deleted).not.toContain(real.room);
    expect(await stored(real.id)).toMatchObject({ custom_metadata: { order: 7 } });
  });

  test("with the identity token of another name gets nothing by swapping", async () => {
    const carol = await beginVerified("carol");
    const mallory = await beginVerified("mallory");
    const own = await proofOf("mallory");
    expect((await visit("carol", { resumes: carol.id, identity: own })).status).toBe(422);
    expect((await visit("mallory", { resumes: carol.id, identity: own })).status).toBe(401);
    const named = await begin("carol", { token: mallory.token });
    expect(named.verified).toBe(false);
    expect(await reads(carol, named.token)).toBe(false);
    expect(await reads(mallory, named.token)).toBe(false);
  });

  test("with a copy of the visitor token cannot make another name's proof of it", async () => {
    const carol = await beginVerified("carol");
    const swapped = await begin("dave", {
      token: carol.token,
      identity: await proofOf("dave"),
    });
    expect(await reads(carol, swapped.token)).toBe(false);
    expect(await listed(swapped.token)).not.toContain(carol.id);
  });
});

describe("a jti", () => {
  test("is good for one start, of any kind", async () => {
    const identity = await proofOf("ada", { jti: "one" });
    const talk = await begin("ada", { identity });
    expect((await visit("ada", { identity })).status).toBe(401);
    expect((await visit("ada", { identity, resumes: talk.id })).status).toBe(401);
    const twin = await beginByGraphQL(app, site.widget.id, {
      userId: "ada",
      identityToken: identity,
    });
    expect(codeOf(twin)).toBe("UNAUTHENTICATED");
    // What it gave goes on: the visitor token remembers the proof.
    expect((await begin("ada", { token: talk.token })).verified).toBe(true);
  });

  test("used for a resume is used for a start", async () => {
    const talk = await beginVerified("ada");
    const identity = await proofOf("ada", { jti: "two" });
    await begin("ada", { identity, resumes: talk.id });
    expect((await visit("ada", { identity })).status).toBe(401);
  });

  test("of one widget is not used up at another, and one that was refused is not used up", async () => {
    const other = await makeWebsite(app, organization.key);
    const claims = { jti: "three" };
    const identity = await proofOf("ada", claims);
    expect((await visit("bob", { identity })).status).toBe(422);
    expect((await visit("ada", { identity, metadata: { big: "x".repeat(17_000) } })).status).toBe(
      422,
    );
    await begin("ada", { identity });
    await begin("ada", { at: other, identity: await proofOf("ada", claims, other) });
  });

  test.runIf(onPostgres)("arriving eight times at once starts one conversation", async () => {
    for (let round = 0; round < 3; round += 1) {
      const identity = await proofOf("race", { jti: `race-${round}` });
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => visit("race", { identity })),
      );
      const statuses = answers.map((answer) => answer.status).toSorted();
      expect(statuses).toEqual([200, 401, 401, 401, 401, 401, 401, 401]);
    }
  });

  test("is forgotten some time after its end, and not before", async () => {
    // Those of other tests have had their time.
    await app.parley.starts.sweep();
    await begin("ada", { identity: await proofOf("ada", { jti: "swept" }) });
    const count = (): Promise<number> => app.db.usedIdentityToken.count();
    const before = await count();
    await app.parley.starts.sweep();
    expect(await count()).toBe(before);
    app.clock.forward(DAY);
    await app.parley.starts.sweep();
    expect(await count()).toBe(0);
  });
});
