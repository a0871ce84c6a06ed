/** How a website's own server signs for a visitor, in what such servers are written in. By the name of the language. */
export const IDENTITY_SAMPLES: Readonly<Record<string, string>> = {
  "Node.js": `import { env } from "node:process";
import { SignJWT } from "jose";

const token = await new SignJWT()
  .setProtectedHeader({ alg: "HS256" })
  .setSubject(user.id)
  .setExpirationTime("10m")
  .sign(new TextEncoder().encode(env.PARLEY_IDENTITY_SECRET));`,
  Python: `import os, time, jwt  # PyJWT

token = jwt.encode(
    {"sub": user.id, "exp": int(time.time()) + 600},
    os.environ["PARLEY_IDENTITY_SECRET"],
    algorithm="HS256",
)`,
  PHP: `use Firebase\\JWT\\JWT;

$token = JWT::encode(
    ['sub' => $user->id, 'exp' => time() + 600],
    getenv('PARLEY_IDENTITY_SECRET'),
    'HS256'
);`,
  Ruby: `require "jwt"

token = JWT.encode(
  { sub: user.id, exp: Time.now.to_i + 600 },
  ENV.fetch("PARLEY_IDENTITY_SECRET"),
  "HS256"
)`,
};

/** How the page hands it on. */
export const IDENTIFY_SAMPLE = `Parley("identify", { userId, token });`;
