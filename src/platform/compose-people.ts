import { Passwords } from "./auth/passwords.js";
import type { CredentialsService } from "./auth/credentials.service.js";
import type { RateLimits } from "./auth/rate-limits.js";
import type { RecentlyVerified } from "./auth/recently-verified.js";
import { SessionService } from "./auth/sessions.service.js";
import type { Database } from "./database/client.js";
import { DevelopmentLink } from "./people/development-link.js";
import { InviteService } from "./people/invite.service.js";
import { LinkService } from "./people/link.service.js";
import { MemberService } from "./people/member.service.js";
import { PersonalTokenService } from "./people/personal-token.service.js";
import { SignInService } from "./people/sign-in.service.js";
import { ViewerService } from "./people/viewer.service.js";

/** What is about people, and about nothing else. */
export interface PeopleServices {
  readonly sessions: SessionService;
  readonly signIns: SignInService;
  /** Out only once somebody has issued it. */
  readonly developmentLink: DevelopmentLink;
  readonly viewers: ViewerService;
  readonly personalTokens: PersonalTokenService;
  readonly invites: InviteService;
  readonly members: MemberService;
}

/** The part of the composition root that is about people. */
export function composePeople({
  db,
  credentials,
  limits,
  verified,
  publicUrl,
  now,
}: {
  readonly db: Database;
  readonly credentials: CredentialsService;
  readonly limits: RateLimits;
  readonly verified: RecentlyVerified;
  readonly publicUrl: string;
  readonly now: () => Date;
}): PeopleServices {
  const sessions = new SessionService(db, verified, now);
  const passwords = new Passwords();
  const developmentLink = new DevelopmentLink(now);
  const links = new LinkService({ db, sessions, passwords, limits, now });
  return {
    sessions,
    signIns: new SignInService({
      db,
      sessions,
      passwords,
      limits,
      development: developmentLink,
      links,
    }),
    developmentLink,
    viewers: new ViewerService(db, sessions, passwords, limits),
    personalTokens: new PersonalTokenService(db, credentials, now),
    invites: new InviteService(db, publicUrl, now),
    members: new MemberService(db, credentials, now),
  };
}
