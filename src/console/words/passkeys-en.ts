/** What a person's own page says of passkeys, in English. */
export const CATALOGUE = {
  passkeys: {
    title: "Passkeys",
    about:
      "Sign in with the fingerprint, face or PIN of a device in place of a password. No code is asked then.",
    none: "You have none yet.",
    add: "Add a passkey",
    addAbout: "Your browser asks you to confirm with this device, a phone or a security key.",
    addAction: "Go on",
    nameHelp: "Where it is, such as “My laptop”.",
    added: "Added {moment}",
    lastUsed: "Last used {moment}",
    neverUsed: "Not used yet",
    rename: "Rename",
    remove: "Remove",
    removeTitle: "Remove {name}?",
    removeHelp:
      "It signs you in no more, and you are signed out everywhere else. Remove it on the device too.",
    elsewhere:
      "Passkeys belong to a name, and an address of numbers is none. Open the console here:",
    nowhere:
      "There are none here: they need a host name and https, which the operator sets as PUBLIC_URL or CONSOLE_URL.",
    unknown: "This browser has no passkeys. A newer one does.",
  },
} as const;
