import {
  debugConnection,
  debugDriver,
  debugError,
  debugMatchMaking,
  debugMessage,
  debugPatch,
  debugPresence,
} from "@colyseus/core";
import { Logger as FrameworkLogger, setLogger } from "@colyseus/core/Logger";
import { TokenBucket } from "../core/rate.ts";
import type { Logger } from "../ops/log.ts";

/** The framework prints whatever a client can make it print; so many lines at once, and one a second. */
const LINES_AT_ONCE = 10;
const LINES_PER_SECOND = 1;

/**
 * Has the framework report to our log, and no more than what kind of thing went wrong: its own messages quote what
 * clients sent (frames, options with invite tokens), on standard error, with a stack for each.
 */
export function quietFramework(log: Logger): void {
  const printers = [
    debugConnection,
    debugDriver,
    debugError,
    debugMatchMaking,
    debugMessage,
    debugPatch,
    debugPresence,
  ];
  // They print for who sets `DEBUG`, everything that comes and goes.
  for (const printer of printers) printer.enabled = false;
  setLogger(new KindsOnly(log));
}

class KindsOnly extends FrameworkLogger {
  readonly #log: Logger;
  readonly #lines = new TokenBucket(LINES_PER_SECOND, LINES_AT_ONCE);
  #untold = 0;

  constructor(log: Logger) {
    super();
    this.#log = log;
  }

  override error(...said: unknown[]): void {
    this.#tell("error", said);
  }

  override warn(...said: unknown[]): void {
    this.#tell("warn", said);
  }

  override info(...said: unknown[]): void {
    this.#tell("info", said);
  }

  override debug(): void {}

  override trace(): void {}

  #tell(level: "error" | "warn" | "info", [said]: readonly unknown[]): void {
    if (this.#lines.take(performance.now()) !== true) {
      this.#untold += 1;
      return;
    }
    const kind = kindOf(said);
    const untold = this.#untold;
    this.#untold = 0;
    this.#log[level === "info" ? "debug" : "warn"](
      { said: level, kind, ...(untold > 0 ? { untold } : {}) },
      "framework",
    );
  }
}

/** The name of an error with which a printed stack begins; nothing of what follows it. */
function kindOf(said: unknown): string {
  if (said instanceof Error) return said.name;
  return /^([A-Z][A-Za-z]{0,40}(?:Error|Exception))\b/.exec(String(said))?.[1] ?? typeof said;
}
