import { readFileSync } from "node:fs";
import { z } from "zod";
import { BadDotEnv, parseDotEnv } from "./dot-env.ts";
import { canonicalOrigin } from "./http/origin.ts";
import { isMongoUri } from "./mongodb-uri.ts";
import { asTrustProxy, isTrustProxy } from "./trust-proxy.ts";

/** How people prove who they are. */
export interface AuthConfig {
  /** `AUTH_JWT_SECRET`; null where none is configured */
  readonly secret: string | null;
  readonly jwksUrl: string | null;
  readonly issuer: string | null;
  readonly audience: string | null;
  /** nothing is configured and this is not production: `POST /dev/token` is open, its secret is kept in the data folder */
  readonly devLogin: boolean;
  readonly guests: boolean;
}

/** Everything that the environment decides. Contract section 10. */
export interface Config {
  readonly production: boolean;
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly mongodbUri: string | null;
  /** several processes serve the same campaigns: set, `mongodbUri` and `internalUrl` are too; null: one process */
  readonly redisUrl: string | null;
  /** at which the other processes reach this one, without a trailing slash */
  readonly internalUrl: string | null;
  /** without a trailing slash; null: from the request */
  readonly publicUrl: string | null;
  readonly publicAddress: string | null;
  readonly auth: AuthConfig;
  /** canonical origins that browsers may call from besides our own, and in dev login besides those of this machine */
  readonly corsOrigins: "any" | readonly string[];
  /** as Express' `trust proxy` */
  readonly trustProxy: boolean | number | string;
  /** 0 = no limit */
  readonly rates: {
    readonly joinsPerUserPer10Seconds: number;
    readonly joinsPerAddressPer10Seconds: number;
    readonly commandsPerSecond: number;
    readonly writesPerSecond: number;
    /** units of one participant; a session and the process have a multiple of it */
    readonly workPerSecond: number;
  };
  readonly actionsModule: string | null;
  readonly metricsToken: string | null;
  readonly logLevel: LogLevel;
  /** 0 = for ever */
  readonly retentionDays: number;
  readonly shutdownGraceSeconds: number;
  /** how long an HTTP connection may be idle */
  readonly keepAliveSeconds: number;
}

const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** What is wrong with the environment, all of it: one line per problem, without the values, which may be secrets. */
export class ConfigProblems extends Error {
  override readonly name = "ConfigProblems";
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(`the configuration has ${problems.length === 1 ? "a problem" : "problems"}:\n- ${problems.join("\n- ")}`);
    this.problems = problems;
  }
}

type Environment = { readonly [name: string]: string | undefined };

const whole = (min: number, max: number, byDefault: number) =>
  z
    .string()
    .regex(/^\d{1,9}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((n) => n >= min && n <= max, `must be a whole number from ${min} to ${max}`)
    .default(byDefault);

const httpUrl = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:\/\//i.test(text), "must be an http or https URL")
  // `fetch` refuses such an address, and in a link everybody would read them.
  .refine((text) => !hasCredentials(text), "must be without user and password");
/** What paths are put behind. */
const baseUrl = httpUrl
  .refine((text) => !/[?#]/.test(text), "must be without a query and a fragment")
  .transform((text) => text.replace(/\/+$/, ""));

/** `b64token` of RFC 6750, section 2.1: nothing else can follow `Bearer` in a header. */
const BEARER_TOKEN = /^[A-Za-z0-9._~+/-]+=*$/;

const NODE_ENVS = ["development", "test", "production"] as const;

const schema = z
  .object({
    NODE_ENV: z.enum(NODE_ENVS, `must be unset, or one of ${NODE_ENVS.join(", ")}`).default("development"),
    PORT: whole(0, 65_535, 2567),
    HOST: z.string().optional(),
    DATA_DIR: z.string().default("./data"),
    MONGODB_URI: z
      .string()
      .refine(
        isMongoUri,
        "must be a mongodb:// or mongodb+srv:// URI as MongoDB's driver takes it, with what is special in user and password percent-encoded",
      )
      .optional(),
    REDIS_URL: z
      .string()
      .refine((text) => URL.canParse(text) && /^rediss?:\/\/[^/?#]/i.test(text), "must be a redis:// or rediss:// URL")
      .optional(),
    INTERNAL_URL: baseUrl.optional(),
    PUBLIC_URL: baseUrl.optional(),
    PUBLIC_ADDRESS: z
      .string()
      .regex(/^(?!\w+:\/\/)[^\s/?#@]+(\/[^\s?#]*)?$/, "must be host[:port][/path], without a protocol")
      .optional(),
    AUTH_JWT_SECRET: z
      .string()
      .refine((secret) => Buffer.byteLength(secret) >= 32, "must have at least 32 bytes")
      .optional(),
    AUTH_JWKS_URL: httpUrl.optional(),
    AUTH_ISSUER: z.string().optional(),
    AUTH_AUDIENCE: z.string().optional(),
    GUESTS: z.enum(["on", "off"], "must be on or off").optional(),
    CORS_ORIGINS: z
      .string()
      .transform((text) => text.split(",").map((part) => originOf(part.trim().replace(/(?<!\/)\/$/, ""))))
      .refine(
        (origins) => !origins.includes(undefined),
        "must be * or origins of any scheme, as https://table.example or capacitor://localhost, separated by commas; no patterns",
      )
      .optional(),
    TRUST_PROXY: z
      .string()
      .refine(isTrustProxy, "must be true, false, a number of proxies, or addresses separated by commas")
      .transform(asTrustProxy)
      .default(false),
    RATE_JOINS_PER_USER: whole(0, 1_000_000, 20),
    RATE_JOINS_PER_ADDRESS: whole(0, 1_000_000, 500),
    RATE_COMMANDS: whole(0, 1_000_000, 30),
    RATE_WRITES: whole(0, 1_000_000, 10),
    RATE_WORK: whole(0, 100_000_000, 10_000),
    ACTIONS_MODULE: z.string().optional(),
    METRICS_TOKEN: z
      .string()
      .regex(BEARER_TOKEN, "must be a bearer token: letters, digits and - . _ ~ + /, then any number of =")
      .optional(),
    LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(", ")}`).default("info"),
    RETENTION_DAYS: whole(0, 36_500, 0),
    SHUTDOWN_GRACE_SECONDS: whole(1, 3_600, 25),
    // Longer than load balancers keep theirs, which is 60 s as a rule: who closes first must not be us.
    KEEP_ALIVE_SECONDS: whole(1, 3_600, 65),
  })
  .strip();

/** What only several variables together say. */
function problemsBetween(env: Environment): string[] {
  const problems: string[] = [];
  if (env.NODE_ENV === "production" && env.AUTH_JWT_SECRET === undefined && env.AUTH_JWKS_URL === undefined) {
    problems.push("AUTH_JWT_SECRET or AUTH_JWKS_URL: one of them is required in production");
  }
  if (env.GUESTS === "on" && !isDevLogin(env) && env.AUTH_JWT_SECRET === undefined) {
    problems.push("AUTH_JWT_SECRET: required by GUESTS=on");
  }
  if (env.REDIS_URL !== undefined && env.MONGODB_URI === undefined) {
    problems.push("MONGODB_URI: required by REDIS_URL, for SQLite serves one process");
  }
  if (env.REDIS_URL !== undefined && env.INTERNAL_URL === undefined) {
    problems.push("INTERNAL_URL: required by REDIS_URL, for the other processes have to reach this one");
  }
  return problems;
}

function isDevLogin(env: Environment): boolean {
  return env.NODE_ENV !== "production" && env.AUTH_JWT_SECRET === undefined && env.AUTH_JWKS_URL === undefined;
}

/**
 * Reads a configuration. Values are trimmed, and a variable that is set to nothing counts as unset.
 * @throws ConfigProblems with every problem there is
 */
export function loadConfig(environment: Environment = readEnvironment()): Config {
  const env = trimmed(environment);
  const parsed = schema.safeParse(env);
  const problems = problemsBetween(env);
  if (!parsed.success) {
    problems.unshift(...parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
  }
  if (!parsed.success || problems.length > 0) throw new ConfigProblems(problems);
  const read = parsed.data;
  const production = read.NODE_ENV === "production";
  const devLogin = isDevLogin(env);
  return {
    production,
    port: read.PORT,
    host: read.HOST ?? (devLogin ? "127.0.0.1" : "0.0.0.0"),
    dataDir: read.DATA_DIR,
    mongodbUri: read.MONGODB_URI ?? null,
    redisUrl: read.REDIS_URL ?? null,
    internalUrl: read.INTERNAL_URL ?? null,
    publicUrl: read.PUBLIC_URL ?? null,
    publicAddress: read.PUBLIC_ADDRESS ?? null,
    auth: {
      secret: read.AUTH_JWT_SECRET ?? null,
      jwksUrl: read.AUTH_JWKS_URL ?? null,
      issuer: read.AUTH_ISSUER ?? null,
      audience: read.AUTH_AUDIENCE ?? null,
      devLogin,
      guests: read.GUESTS === undefined ? devLogin : read.GUESTS === "on",
    },
    corsOrigins: corsOf(read.CORS_ORIGINS ?? []),
    trustProxy: read.TRUST_PROXY,
    rates: {
      joinsPerUserPer10Seconds: read.RATE_JOINS_PER_USER,
      joinsPerAddressPer10Seconds: read.RATE_JOINS_PER_ADDRESS,
      commandsPerSecond: read.RATE_COMMANDS,
      writesPerSecond: read.RATE_WRITES,
      workPerSecond: read.RATE_WORK,
    },
    actionsModule: read.ACTIONS_MODULE ?? null,
    metricsToken: read.METRICS_TOKEN ?? null,
    logLevel: read.LOG_LEVEL,
    retentionDays: read.RETENTION_DAYS,
    shutdownGraceSeconds: read.SHUTDOWN_GRACE_SECONDS,
    keepAliveSeconds: read.KEEP_ALIVE_SECONDS,
  };
}

function trimmed(environment: Environment): Environment {
  const set = Object.entries(environment).map(([name, value]) => [name, value?.trim()] as const);
  return Object.fromEntries(set.filter(([, value]) => value !== undefined && value !== ""));
}

/** The process' environment, and the `.env` of the working directory beneath it unless this is production or a test. */
function readEnvironment(): Environment {
  const set = trimmed(process.env);
  if (set.NODE_ENV === "production" || set.NODE_ENV === "test") return set;
  let bytes: Buffer;
  try {
    bytes = readFileSync(".env");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return set;
    throw new ConfigProblems([".env: it cannot be read"]);
  }
  try {
    return { ...parseDotEnv(bytes, Object.keys(schema.shape)), ...set };
  } catch (error) {
    if (error instanceof BadDotEnv) throw new ConfigProblems([error.message]);
    throw error;
  }
}

function hasCredentials(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username !== "" || password !== "";
}

function originOf(text: string): string | undefined {
  return text === "*" ? text : canonicalOrigin(text);
}

function corsOf(origins: readonly (string | undefined)[]): "any" | readonly string[] {
  return origins.includes("*") ? "any" : origins.filter((origin) => origin !== undefined);
}
