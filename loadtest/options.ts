import { type ParseArgsOptionsConfig, parseArgs } from "node:util";
import type { Mix } from "./commands.ts";
import { EVENING_DEFAULTS, type EveningOptions } from "./play.ts";

/** Where the server is, and how to become somebody there. */
export interface Where {
  /** people are spread over them; none: start one of our own */
  readonly endpoints: readonly string[];
  readonly secret: string | null;
  readonly tokensFile: string | null;
  readonly serverPids: readonly number[];
}

/** What to do with what was measured. */
export interface Output {
  readonly json: string | null;
  readonly html: string | null;
}

export const EVENING_FLAGS = {
  sessions: { type: "string" },
  players: { type: "string" },
  rate: { type: "string" },
  seconds: { type: "string" },
  churn: { type: "string" },
  slow: { type: "string" },
  distant: { type: "string" },
  bytes: { type: "string" },
  mix: { type: "string" },
  seed: { type: "string" },
  workers: { type: "string" },
} as const satisfies ParseArgsOptionsConfig;

export const WHERE_FLAGS = {
  endpoint: { type: "string", multiple: true },
  secret: { type: "string" },
  tokens: { type: "string" },
  "server-pid": { type: "string", multiple: true },
} as const satisfies ParseArgsOptionsConfig;

export const OUTPUT_FLAGS = {
  json: { type: "string" },
  html: { type: "string" },
} as const satisfies ParseArgsOptionsConfig;

type Values = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** A command line that cannot be meant as it stands; the message says what is wrong with it. */
export class UsageError extends Error {}

/** The flags and the names without a flag of a command line. @throws UsageError on a flag that is not in `flags` */
export function readFlags(args: readonly string[], flags: ParseArgsOptionsConfig): { values: Values; names: string[] } {
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: flags, allowPositionals: true });
    return { values: values as Values, names: positionals };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** An evening by flags, what is not given from `defaults`. @throws UsageError on what is no number, or out of bounds */
export function eveningOptions(values: Values, defaults: EveningOptions = EVENING_DEFAULTS): EveningOptions {
  const number = (name: keyof EveningOptions & keyof typeof EVENING_FLAGS, least: number, most: number) =>
    numberOf(values, name, least, most) ?? (defaults[name] as number);
  const whole = (name: Parameters<typeof number>[0], least: number, most: number) =>
    Math.trunc(number(name, least, most));
  return {
    sessions: whole("sessions", 1, 10_000),
    players: whole("players", 1, 490),
    rate: number("rate", 0, 1000),
    seconds: number("seconds", 1, 86_400),
    churn: number("churn", 0, 1000),
    slow: whole("slow", 0, 10_000),
    distant: number("distant", 0, 10_000),
    bytes: whole("bytes", 0, 16_000),
    mix: values.mix === undefined ? defaults.mix : mixOf(String(values.mix)),
    seed: whole("seed", 0, 2 ** 32),
    workers: whole("workers", 1, 64),
  };
}

export function whereOf(values: Values): Where {
  const endpoints = listOf(values, "endpoint").map((endpoint) => endpoint.replace(/\/+$/, ""));
  const where = { endpoints, secret: textOf(values, "secret"), tokensFile: textOf(values, "tokens") };
  const serverPids = listOf(values, "server-pid").map((pid) => readNumber("server-pid", pid, 1, 2 ** 31));
  if (endpoints.length === 0 && ((where.secret ?? where.tokensFile) !== null || serverPids.length > 0)) {
    throw new UsageError("--secret, --tokens and --server-pid go with --endpoint");
  }
  if (!endpoints.every((endpoint) => /^https?:\/\//.test(endpoint))) {
    throw new UsageError("--endpoint is an http:// or https:// URL");
  }
  for (const [name, all] of Object.entries({ endpoint: endpoints, "server-pid": serverPids })) {
    if (new Set<unknown>(all).size < all.length) throw new UsageError(`--${name} names the same one twice`);
  }
  return { ...where, serverPids };
}

export function outputOf(values: Values): Output {
  return { json: textOf(values, "json"), html: textOf(values, "html") };
}

/** `set=6,increment=3,append=1`; what is not named does not come. */
export function mixOf(text: string): Mix {
  const mix = { set: 0, increment: 0, append: 0 };
  for (const part of text.split(",")) {
    const [name = "", weight = "1"] = part.split("=");
    if (!Object.hasOwn(mix, name) || !(Number(weight) >= 0)) throw new UsageError(`--mix cannot read "${part}"`);
    mix[name as keyof Mix] = Number(weight);
  }
  if (mix.set + mix.increment + mix.append <= 0) throw new UsageError("--mix has no action");
  return mix;
}

export function numberOf(values: Values, name: string, least: number, most: number): number | undefined {
  const text = values[name];
  return text === undefined ? undefined : readNumber(name, text, least, most);
}

function readNumber(name: string, text: unknown, least: number, most: number): number {
  const number = Number(text);
  if (text === "" || !(number >= least && number <= most)) {
    throw new UsageError(`--${name} is a number from ${least} to ${most}, not "${text}"`);
  }
  return number;
}

function listOf(values: Values, name: string): readonly string[] {
  const list = values[name];
  return Array.isArray(list) ? list : [];
}

function textOf(values: Values, name: string): string | null {
  const text = values[name];
  return typeof text === "string" && text !== "" ? text : null;
}
