import type { Logger } from "pino";
import type { CredentialsService } from "./auth/credentials.service.js";
import { OidcClient } from "./auth/oidc-client.js";
import { Passwords } from "./auth/passwords.js";
import type { RateLimits } from "./auth/rate-limits.js";
import type { RecentlyVerified } from "./auth/recently-verified.js";
import type { SecretBox } from "./auth/secret-box.js";
import { SessionService } from "./auth/sessions.service.js";
import { OIDC_CALLBACK } from "../protocol/console-api.js";
import type { Config } from "./config.js";
import type { Database } from "./database/client.js";
import { DevelopmentLink } from "./people/development-link.js";
import { InviteService } from "./people/invite.service.js";
import { LinkService } from "./people/link.service.js";
import { MemberService } from "./people/member.service.js";
import { PasskeyChallenges } from "./people/passkey-challenges.js";
import { PasskeyProofService } from "./people/passkey-proof.service.js";
import { PasskeyService } from "./people/passkey.service.js";
import { OidcService } from "./people/oidc.service.js";
import { PersonalTokenService } from "./people/personal-token.service.js";
import { relyingPartyOf } from "./people/relying-party.js";
import { SecondFactorService } from "./people/second-factor.service.js";
import { SignInService } from "./people/sign-in.service.js";
import { ViewerService } from "./people/viewer.service.js";

/** Who signs in to the console, and by which ways. */
export interface People {
  readonly sessions: SessionService;
  readonly signIns: SignInService;
  readonly oidc: OidcService;
  readonly viewers: ViewerService;
  readonly invites: InviteService;
  readonly members: MemberService;
  readonly personalTokens: PersonalTokenService;
  readonly secondFactors: SecondFactorService;
  readonly passkeys: PasskeyService;
  readonly passkeyProofs: PasskeyProofService;
  /** Out only once somebody has issued it. */
  readonly developmentLink: DevelopmentLink;
}

/** The part of the composition root that is about people. */
export function composePeople({
  config,
  db,
  credentials,
  verified,
  limits,
  box,
  appSecret,
  log,
  now,
}: {
  config: Config;
  db: Database;
  credentials: CredentialsService;
  verified: RecentlyVerified;
  limits: RateLimits;
  box: SecretBox;
  appSecret: string;
  log: Logger;
  now: () => Date;
}): People {
  const { consoleUrl } = config;
  const sessions = new SessionService(db, verified, now, config.requiresSecondFactor);
  const passwords = new Passwords();
  const developmentLink = new DevelopmentLink(now);
  const secondFactors = new SecondFactorService({ db, sessions, box, limits, consoleUrl, now });
  const party = relyingPartyOf(config);
  const challenges = new PasskeyChallenges(db, appSecret, now);
  const client = config.oidc && new OidcClient(config.oidc, `${consoleUrl}${OIDC_CALLBACK}`);
  const oidc = new OidcService({ db, sessions, limits, client, log, now });
  const signIns = new SignInService({
    oidc,
    secondFactors,
    passkeyOrigin: party?.origin,
    db,
    sessions,
    passwords,
    limits,
    development: developmentLink,
    links: new LinkService({ db, sessions, passwords, limits, now }),
  });
  return {
    sessions,
    signIns,
    oidc,
    viewers: new ViewerService(db, sessions, passwords, limits, client, now),
    invites: new InviteService(db, consoleUrl, now),
    members: new MemberService(db, credentials, now),
    personalTokens: new PersonalTokenService(db, credentials, now),
    secondFactors,
    passkeys: new PasskeyService({ db, sessions, challenges, party, now }),
    passkeyProofs: new PasskeyProofService({ db, sessions, limits, challenges, party, now }),
    developmentLink,
  };
}
