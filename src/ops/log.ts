import pino from "pino";
import type { LogLevel } from "../config.ts";

export type Logger = pino.Logger;

/**
 * The process' log: JSON lines.
 *
 * At no level does a line carry session content, a token or a query string (rule H30): so no request, body or error is ever
 * handed to it whole. What went wrong is logged with `faultOf`.
 */
export function createLog(level: LogLevel, destination: { write(line: string): void }): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, destination);
}

export interface Fault {
  readonly error: string;
  readonly code?: string;
  readonly at?: string;
}

/**
 * What can be said of an error in a log: its kind, its code and where it came from, but not its message, which may quote.
 * Never throws, though what an actions module throws may be anything: a proxy, an error whose getters throw themselves.
 */
export function faultOf(error: unknown): Fault {
  try {
    return partsOf(error);
  } catch {
    return { error: "an error that cannot be looked at" };
  }
}

function partsOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const frames = String(error.stack ?? "")
    .split("\n")
    .filter((line) => /^ {4}at /.test(line));
  return {
    error: String(error.name),
    ...(code === undefined ? {} : { code }),
    ...(frames.length === 0
      ? {}
      : {
          at: frames
            .slice(0, 8)
            .map((frame) => frame.trim())
            .join(" < "),
        }),
  };
}
