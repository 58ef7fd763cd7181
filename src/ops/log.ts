import pino from "pino";
import type { LogLevel } from "../config.ts";

export type Logger = pino.Logger;

/**
 * The process' log: JSON lines on standard output.
 *
 * At no level does a line carry session content, a token or a query string (rule H30): so no request, body or error is ever
 * handed to it whole. What went wrong is logged with `faultOf`.
 */
export function createLog(level: LogLevel, destination?: { write(line: string): void }): Logger {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** What can be said of an error in a log: its kind, its code and where it came from, but not its message, which may quote. */
export function faultOf(error: unknown): { readonly error: string; readonly code?: string; readonly at?: string } {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^ {4}at /.test(line));
  return {
    error: error.name,
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
