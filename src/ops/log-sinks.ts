import { constants, fstatSync, openSync, write, writeSync } from "node:fs";
import type { Writable } from "node:stream";
import { isatty } from "node:tty";

/** Takes a log's bytes, and never holds up the event loop. */
export interface LogSink {
  /**
   * Tries to write. Calls back once, at once or later: with how many bytes were taken, 0 for none as yet, or with why not.
   * Not to be called again before that.
   */
  write(bytes: Buffer, done: (taken: number, error?: Error) => void): void;
  /** Whether a write is under way for which `process.exit` would wait, for ever where whoever reads is asleep. */
  readonly holdsExit: boolean;
}

/**
 * The sink for an open file descriptor. A pipe or terminal that nobody reads stops whoever writes to it, a thread of the
 * pool included, and `process.exit` waits for that thread. So these are opened once more for ourselves, not to block; a
 * socket, which cannot be, is a stream, which does not block either.
 */
export function sinkFor(fd: 1 | 2): LogSink {
  const stat = fstatSync(fd);
  const isTerminal = isatty(fd);
  if (!isTerminal && !stat.isFIFO() && !stat.isSocket()) return new ThreadSink(fd);
  const own = stat.isSocket() ? undefined : ownDescriptor(fd);
  if (own !== undefined) return new DescriptorSink(own);
  // A terminal of another user: the last resort.
  if (isTerminal) return new ThreadSink(fd);
  return new StreamSink(fd === 1 ? process.stdout : process.stderr);
}

/** Another opening of the same pipe or terminal: what is set on it concerns nobody who shares the first one. */
function ownDescriptor(fd: number): number | undefined {
  // Elsewhere this would be the same opening under another number.
  if (process.platform !== "linux") return undefined;
  try {
    return openSync(`/proc/self/fd/${fd}`, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
  } catch {
    return undefined;
  }
}

/** A descriptor that does not block. */
class DescriptorSink implements LogSink {
  readonly holdsExit = false;
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Buffer, done: (taken: number, error?: Error) => void): void {
    let taken = 0;
    let failure: Error | undefined;
    try {
      taken = writeSync(this.#fd, bytes);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") failure = error as Error;
    }
    done(taken, failure);
  }
}

/** A file: a disk takes its time, in a thread of the pool. */
class ThreadSink implements LogSink {
  holdsExit = false;
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(bytes: Buffer, done: (taken: number, error?: Error) => void): void {
    this.holdsExit = true;
    write(this.#fd, bytes, (error, taken) => {
      this.holdsExit = false;
      if (error === null) done(taken);
      else done(0, error);
    });
  }
}

/** A stream that does not block: Node's own for sockets, and for pipes but on Windows. */
class StreamSink implements LogSink {
  readonly holdsExit = false;
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
    // Told to each write as well.
    stream.on("error", () => {});
  }

  write(bytes: Buffer, done: (taken: number, error?: Error) => void): void {
    this.#stream.write(bytes, (error) => {
      if (error) done(0, error);
      else done(bytes.length);
    });
  }
}
