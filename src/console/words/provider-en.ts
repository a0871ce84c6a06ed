/** What is said of the company's provider of sign-in, in English. */
export const CATALOGUE = {
  provider: {
    goOn: "Continue with {name}",
    or: "or",
    title: "Sign in with {name}",
    about: "Your company’s account opens the console too.",
    on: "Connected",
    off: "Not connected",
    connect: "Connect {name}",
    disconnect: "Disconnect {name}",
    disconnectTitle: "Disconnect {name}?",
    disconnectText: "From then on you sign in without {name}.",
    needsPassword: "It is your only way to sign in: set a password first.",
    again:
      "Before a secret is made or shown, {name} asks you once more who you are. You come back to this page, and begin again with what you were about to do.",
  },
  /** What came of a way to the provider and back. */
  providerResult: {
    good: "That worked",
    bad: "That did not work",
    connected: "From now on you can sign in with {name}.",
    confirmed: "It is you. For 15 minutes you can do what you were about to do.",
    already_connected: "Another account at {name} is connected. Disconnect it first.",
    cancelled: "The sign-in at {name} was cancelled.",
    start_again: "This sign-in is over or was begun in another browser. Begin again.",
    unavailable: "{name} cannot be reached now. Try again in a moment.",
    refused: "What {name} answered cannot be trusted. If it happens again, tell who runs Parley.",
    not_invited: "Nobody has invited you yet. Ask an administrator for an invitation.",
    email_not_verified: "{name} does not say that your email address is yours. Ask who runs it.",
    account_exists:
      "There is an account with your email address. Sign in to it as before, and connect {name} on your own page.",
    taken: "This account at {name} is connected to somebody else here.",
    another_person: "That is not the account at {name} which is connected here.",
    not_asked_again: "{name} has not asked you again who you are. Sign out there, then try again.",
    too_many: "Too many attempts. Wait a few minutes, then try again.",
  },
};
