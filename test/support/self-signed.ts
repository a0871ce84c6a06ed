import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

/** A certificate of a local server, which is its own authority, and its key; both in PEM form. */
export interface SelfSigned {
  key: string;
  cert: string;
}

/** Makes a certificate for the given DNS names, valid from 2020 to 2049. */
export function makeSelfSigned(names: readonly string[]): SelfSigned {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const ecdsaWithSha256 = der(0x30, oid("2a8648ce3d040302"));
  const name = der(
    0x30,
    der(0x31, der(0x30, oid("550403"), der(0x0c, Buffer.from("Parley tests")))),
  );
  const altNames = names.map((entry) => der(0x82, Buffer.from(entry)));
  const extensions = der(
    0x30,
    der(0x30, oid("551d11"), der(0x04, der(0x30, ...altNames))),
    der(
      0x30,
      oid("551d13"),
      der(0x01, Buffer.of(0xff)),
      der(0x04, der(0x30, der(0x01, Buffer.of(0xff)))),
    ),
  );
  const toBeSigned = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ecdsaWithSha256,
    name,
    der(0x30, der(0x17, Buffer.from("200101000000Z")), der(0x17, Buffer.from("491231235959Z"))),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, extensions),
  );
  const signature = der(0x03, Buffer.of(0), sign("sha256", toBeSigned, privateKey));
  const base64 = der(0x30, toBeSigned, ecdsaWithSha256, signature).toString("base64");
  const lines = base64.match(/.{1,64}/g) ?? [];
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    cert: ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n"),
  };
}

function der(tag: number, ...parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  if (body.length < 128) return Buffer.concat([Buffer.of(tag, body.length), body]);
  // As short as it can be written: Chromium refuses anything else.
  const digits = body.length.toString(16);
  const length = Buffer.from(digits.padStart(digits.length + (digits.length % 2), "0"), "hex");
  return Buffer.concat([Buffer.of(tag, 0x80 + length.length), length, body]);
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, "hex"));
}
