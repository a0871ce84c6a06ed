/** What a secret is shown as: that it has changed is told, and neither value. */
export const REDACTED = "[redacted]";

/** The one list of what never stands in an entry of the audit log: by its key, and by what it looks like. */

/** Of a key in lower case, without what stands between its words. */
const SECRET_NAMES =
  /secret|token|passw|passphrase|authori[sz]ation|credential|cookie|(api|access|private|signing|subscription)key|bearer|headers$|signature|recoverycode|hash$/;

/** Numbers of these are limits and counts. */
const COUNTED_NAMES = /tokens(perday|perminute)?$|^(talk|max)tokens$|tokengeneration$/;

/** What a text may have in it wherever it stands: each with what stays of it. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  // Parley's own keys and tokens.
  [/\b(ak|pat)_([A-Za-z0-9]{4,64})\.[\w-]{8,256}/g, "$1_$2."],
  [/\b(Bearer|Basic) +[\w.~+/=-]{8,}/gi, "$1 "],
  // What model servers call their keys, and signed tokens.
  [/\b(sk|pk|rk)[-_][\w-]{16,}/g, "$1-"],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, ""],
  // A URL's password, and what one takes as its credential.
  [/(:\/\/[^/\s:@]*):[^/\s@]+(?=@)/g, "$1:"],
  [
    /([?&#][\w-]*(?:key|token|secret|password|passwd|signature|sig|code|auth)=)[^&#\s"'<>]+/gi,
    "$1",
  ],
];

/** @param value what it has; absent: what any has. */
export function isSecretName(name: string, value?: unknown): boolean {
  const plain = name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  if (!SECRET_NAMES.test(plain)) return false;
  if (typeof value === "boolean") return false;
  return !(COUNTED_NAMES.test(plain) && (value === undefined || typeof value === "number"));
}

/** A JSON value, with `REDACTED` where a secret was. */
export function withoutSecrets(value: unknown): unknown {
  if (typeof value === "string") {
    return SECRET_TEXTS.reduce(
      (text, [pattern, kept]) => text.replaceAll(pattern, `${kept}${REDACTED}`),
      value,
    );
  }
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      inner !== null && isSecretName(name, inner) ? REDACTED : withoutSecrets(inner),
    ]),
  );
}
