import { parseArgs } from "node:util";
import { loadConfig } from "./config.ts";
import { isPathSegment } from "./core/paths.ts";
import { createIdentity } from "./identity/identity.ts";

const USAGE = "usage: npm run token -- --user kim [--name Kim] [--operator] [--hours 12]";

/** `npm run token`: prints a token for the configured secret, or for that of dev login. */
async function printToken(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      user: { type: "string" },
      name: { type: "string" },
      operator: { type: "boolean", default: false },
      hours: { type: "string", default: "12" },
    },
  });
  const hours = Number(values.hours);
  if (values.user === undefined) throw new Error(USAGE);
  if (!isPathSegment(values.user))
    throw new Error("--user: no user id (1 to 128 bytes, NFC, no slash or control characters)");
  if (!(hours > 0 && hours <= 876_000)) throw new Error("--hours: a number above 0");
  const config = loadConfig();
  if (config.auth.secret === null && !config.auth.devLogin) {
    throw new Error("there is no AUTH_JWT_SECRET: tokens come from the issuer of AUTH_JWKS_URL");
  }
  const { token } = await createIdentity(config, { now: Date.now }).sign({
    userId: values.user,
    name: values.name ?? null,
    roles: values.operator ? ["operator"] : [],
    expiresAt: Date.now() + hours * 3_600_000,
  });
  process.stdout.write(`${token}\n`);
}

printToken(process.argv.slice(2)).catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
