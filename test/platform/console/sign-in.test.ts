import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEMO_ORGANIZATION_ID, seedDemo } from "../../../src/platform/organizations/bootstrap.js";
import { TestApp } from "../../support/app.js";
import { Browser, FROM_CONSOLE, PASSWORD, person } from "../../support/console.js";

const VIEWER =
  "{ viewer { user { email } organizations { organization { id } role } hasPassword } }";
const FIRST_PASSWORD =
  'mutation { changePassword(input: { newPassword: "a first long password" }) { viewer { hasPassword } } }';

describe("guessing", () => {
  test("at one account is slowed down by address; from elsewhere its owner signs in", async () => {
    const app = await TestApp.start({
      config: { TRUST_PROXY: "1" },
      rateLimits: { sign_in_account: { points: 3, windowSeconds: 900 } },
    });
    try {
      const ada = await person(app);
      const from = (address: string, password: string): ReturnType<Browser["post"]> =>
        new Browser(app).post(
          "/console/api/sign-in",
          { email: ada.email, password },
          { ...FROM_CONSOLE, "x-forwarded-for": address },
        );
      for (const guess of ["1", "2", "3"]) {
        expect((await from("2001:db8::1", guess)).status).toBe(401);
      }
      const refused = await from("2001:db8::2", PASSWORD);
      expect(refused.status).toBe(429);
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect((await from("2001:db8:0:1::1", PASSWORD)).status).toBe(200);
    } finally {
      await app.stop();
    }
  });

  test("at many accounts is slowed down by address", async () => {
    const app = await TestApp.start({ rateLimits: { sign_in: { points: 3, windowSeconds: 300 } } });
    try {
      const statuses: number[] = [];
      for (const name of ["a", "b", "c", "d"]) {
        const answer = await new Browser(app).signIn({ email: `${name}@people.example` });
        statuses.push(answer.status);
      }
      expect(statuses).toEqual([401, 401, 401, 429]);
    } finally {
      await app.stop();
    }
  });
});

describe("with people who can sign in", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
  });
  afterAll(() => app.stop());

  test("a flood of sign-ins is answered, a few at a time, and others are served", async () => {
    const ada = await person(app);
    const flood = Array.from({ length: 60 }, () => new Browser(app).signIn(ada, "a guess"));
    expect((await app.get("/readyz")).status).toBe(200);
    const answers = await Promise.all(flood);
    const statuses = answers.map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([401, 429]));
    // Two at a time and twenty that wait: all that can be there at once.
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(22);
    expect((await new Browser(app).signIn(ada)).status).toBe(200);
  });

  test("what is no sign-in is refused by field", async () => {
    const browser = new Browser(app);
    const missing = await browser.post("/console/api/sign-in");
    expect([missing.status, missing.body]).toEqual([400, { detail: "A JSON body is required." }]);
    const wrong = await browser.post("/console/api/sign-in", { email: 1 });
    expect(wrong.status).toBe(422);
    expect(wrong.body.errors).toEqual([
      { path: "email", message: "Must be a text.", rule: "type" },
      { path: "password", message: "Must be a text.", rule: "required" },
    ]);
    expect((await app.get("/console/api/sign-in", undefined, FROM_CONSOLE)).status).toBe(405);
    expect((await app.get("/console/api/nothing", undefined, FROM_CONSOLE)).status).toBe(404);
  });
});

describe("the link of development's", () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await TestApp.start();
    await seedDemo(app.db, app.clock.now(), false);
  });
  afterAll(() => app.stop());

  const look = (token: string): ReturnType<Browser["post"]> =>
    new Browser(app).post("/console/api/link", { token });
  const use = (token: string, browser = new Browser(app)): ReturnType<Browser["post"]> =>
    browser.post("/console/api/link/use", { token });
  const options = async (): Promise<unknown> =>
    (await app.get("/console/api/options", undefined, FROM_CONSOLE)).body;

  test("is not there before one is issued, and any other token is unknown", async () => {
    expect(await options()).toEqual({ development: false });
    expect((await use("A".repeat(43))).status).toBe(401);
    const token = app.parley.developmentLink.issue();
    expect(await options()).toEqual({ development: true });
    expect((await look("A".repeat(43))).body).toEqual({
      kind: "development",
      state: "over",
      needs: [],
    });
    // A new one ends the former.
    app.parley.developmentLink.issue();
    expect((await use(token)).status).toBe(401);
  });

  test("is good for fifteen minutes from the first look, however late that is", async () => {
    const token = app.parley.developmentLink.issue();
    app.clock.forward(24 * 3600);
    expect((await look(token)).body).toEqual({
      kind: "development",
      state: "good",
      email: "admin@parley.example",
      organization: "Demo",
      needs: [],
    });
    app.clock.forward(14 * 60);
    expect((await look(token)).body.state).toBe("good");
    app.clock.forward(2 * 60);
    expect((await look(token)).body.state).toBe("over");
    expect((await use(token)).status).toBe(401);
  });

  test("signs the demonstration's administrator in once, also side by side", async () => {
    const token = app.parley.developmentLink.issue();
    const browsers = Array.from({ length: 5 }, () => new Browser(app));
    const answers = await Promise.all(browsers.map((browser) => use(token, browser)));
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 401, 401, 401, 401]);
    const [browser] = browsers.filter(({ cookie }) => cookie !== undefined);
    expect((await browser?.gql(VIEWER))?.body.data.viewer).toEqual({
      user: { email: "admin@parley.example" },
      organizations: [{ organization: { id: DEMO_ORGANIZATION_ID }, role: "ADMIN" }],
      hasPassword: false,
    });
    expect(await app.db.user.count()).toBe(1);
    expect((await use(token)).status).toBe(401);

    // From the first password on nobody comes in by such a link.
    const next = app.parley.developmentLink.issue();
    expect((await browser?.gql(FIRST_PASSWORD))?.body.data).toEqual({
      changePassword: { viewer: { hasPassword: true } },
    });
    expect(await options()).toEqual({ development: false });
    expect((await look(next)).body.state).toBe("over");
    expect((await use(next)).status).toBe(401);
    const answer = await new Browser(app).signIn(
      { email: "admin@parley.example" },
      "a first long password",
    );
    expect(answer.status).toBe(200);
  });
});
