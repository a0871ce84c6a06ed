import { randomUUID } from "node:crypto";
import { hash } from "@node-rs/argon2";
import type { Answer, TestApp } from "./app.js";

export const PASSWORD = "correct horse battery staple";

/** What the console's own page sends. */
export const FROM_CONSOLE = { "sec-fetch-site": "same-origin", "x-parley-console": "1" };

/** A person with a password, and what they are where. */
export interface Person {
  readonly id: string;
  readonly email: string;
}

export async function person(
  app: TestApp,
  roles: Readonly<Record<string, "admin" | "viewer">> = {},
): Promise<Person> {
  const id = randomUUID();
  const email = `${id}@people.example`;
  const createdAt = app.clock.now();
  await app.db.user.create({
    data: {
      id,
      email,
      name: "Ada",
      passwordHash: await hash(PASSWORD),
      createdAt,
      memberships: {
        create: Object.entries(roles).map(([organizationId, role]) => ({
          organizationId,
          role,
          createdAt,
        })),
      },
    },
  });
  return { id, email };
}

/** A browser with the console open: it keeps its cookie, and sends what browsers send. */
export class Browser {
  cookie: string | undefined;
  /** By which it is known when it was asked for a passkey. */
  private asked: string | undefined;

  constructor(private readonly app: TestApp) {}

  /** One with the same cookies, as its owner's thief would have it. @param on another instance */
  copy(on = this.app): Browser {
    const copy = new Browser(on);
    copy.cookie = this.cookie;
    copy.asked = this.asked;
    return copy;
  }

  async post(
    path: string,
    body?: unknown,
    headers: Record<string, string> = FROM_CONSOLE,
  ): Promise<Answer> {
    const cookie = [this.cookie, this.asked].filter((one) => one !== undefined).join("; ");
    const answer = await this.app.call("POST", path, {
      body,
      headers: { ...(cookie ? { cookie } : {}), ...headers },
    });
    const set = answer.headers.getSetCookie()[0];
    if (set?.includes("-passkey=")) this.asked = set.split(";")[0];
    else if (set !== undefined)
      this.cookie = set.includes("Max-Age=0") ? undefined : set.split(";")[0];
    return answer;
  }

  signIn({ email }: Pick<Person, "email">, password = PASSWORD): Promise<Answer> {
    return this.post("/console/api/sign-in", { email, password });
  }

  gql(
    query: string,
    variables: Record<string, unknown> = {},
    organization?: string,
  ): Promise<Answer> {
    return this.post(
      "/graphql",
      { query, variables },
      { ...FROM_CONSOLE, ...(organization ? { "x-anyreach-org": organization } : {}) },
    );
  }
}

/** A browser in which a person has signed in. */
export async function signedIn(app: TestApp, who: Person): Promise<Browser> {
  const browser = new Browser(app);
  const answer = await browser.signIn(who);
  if (answer.status !== 200) throw new Error(answer.text);
  return browser;
}

/** Of the first error of an answer by GraphQL. */
export function codeOf(answer: Answer): string | undefined {
  return answer.body.errors?.[0].extensions.code;
}
