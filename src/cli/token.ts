import { loadConfig } from "../config.ts";
import { isPathSegment } from "../core/paths.ts";
import { createIdentity } from "../identity/identity.ts";
import { parseArguments, WrongArguments } from "./arguments.ts";
import { runCommand } from "./command.ts";

const USAGE = "usage: npm run token -- --user kim [--name Kim] [--operator] [--hours 12]";
const OPTIONS = {
  user: { type: "string" },
  name: { type: "string" },
  operator: { type: "boolean", default: false },
  hours: { type: "string", default: "12" },
} as const;

/** `npm run token`: prints a token for the configured secret, or for that of dev login. */
async function printToken(args: string[]): Promise<void> {
  const { values, operands } = parseArguments(args, { options: OPTIONS, usage: USAGE });
  const hours = Number(values.hours);
  if (values.user === undefined || operands.length > 0) throw new WrongArguments(USAGE);
  if (!isPathSegment(values.user))
    throw new WrongArguments("--user: no user id (1 to 128 bytes, NFC, no slash or control characters)");
  if (!(hours > 0 && hours <= 876_000)) throw new WrongArguments("--hours: a number above 0");
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

await runCommand(printToken);
