/** The version of `config.v1.consent` where the owner names none. */
export const FIRST_CONSENT_VERSION = "1";

/** The key of `config.v1.texts` under which an owner's own words of the consent stand. */
export const CONSENT_TEXT = "consent_text";
