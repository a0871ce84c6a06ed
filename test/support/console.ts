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
  /** The session's. */
  cookie: string | undefined;
  /** The others, by their names. */
  readonly others = new Map<string, string>();

  constructor(private readonly app: TestApp) {}

  /** One with the same cookies, as its owner's thief would have it. @param on another instance */
  copy(on = this.app): Browser {
    const copy = new Browser(on);
    copy.cookie = this.cookie;
    for (const [name, cookie] of this.others) copy.others.set(name, cookie);
    return copy;
  }

  /** As when somebody follows a link, by default from another site. */
  async open(path: string, site = "cross-site"): Promise<Answer> {
    const headers = {
      "sec-fetch-site": site,
      "sec-fetch-dest": "document",
    };
    return this.keep(
      await this.app.call("GET", path, { headers: { ...this.cookies(), ...headers } }),
    );
  }

  async post(
    path: string,
    body?: unknown,
    headers: Record<string, string> = FROM_CONSOLE,
  ): Promise<Answer> {
    const answer = await this.app.call("POST", path, {
      body,
      headers: { ...this.cookies(), ...headers },
    });
    return this.keep(answer);
  }

  private cookies(): Record<string, string> {
    const all = [...(this.cookie ? [this.cookie] : []), ...this.others.values()];
    return all.length === 0 ? {} : { cookie: all.join("; ") };
  }

  private keep(answer: Answer): Answer {
    for (const set of answer.headers.getSetCookie()) {
      const [cookie = ""] = set.split(";");
      const [name = ""] = cookie.split("=");
      const isOver = set.includes("Max-Age=0");
      if (/^(__Host-)?parley$/.test(name)) this.cookie = isOver ? undefined : cookie;
      else if (isOver) this.others.delete(name);
      else this.others.set(name, cookie);
    }
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
