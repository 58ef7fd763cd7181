/** So long one group may work in one turn of the event loop before the rest of what it wants waits. */
const STRETCH_MS = 8;
/** So long the groups that had to wait work in one turn, all together. */
const TOGETHER_MS = 16;

interface Line {
  readonly jobs: (() => void)[];
  /** in this turn */
  usedMs: number;
}

/**
 * Lets groups of jobs (a session's frames) take turns, so that however much one of them wants, the others are served in
 * between. A group that wants little is served at once. Jobs of one group are done in the order in which they came.
 */
export class Turns {
  readonly #defer: (callback: () => void) => void;
  readonly #steadyNow: () => number;
  readonly #lines = new Map<object, Line>();
  #isArmed = false;

  /**
   * @param defer calls back in the next turn of the event loop, behind whatever came in meanwhile
   * @param steadyNow in ms; work is measured with it
   */
  constructor(defer: (callback: () => void) => void = setImmediate, steadyNow: () => number = () => performance.now()) {
    this.#defer = defer;
    this.#steadyNow = steadyNow;
  }

  /** @returns whether the job was done at once; else it will be, in its turn */
  take(group: object, job: () => void): boolean {
    let line = this.#lines.get(group);
    if (line === undefined) {
      line = { jobs: [], usedMs: 0 };
      this.#lines.set(group, line);
      this.#arm();
    }
    if (line.jobs.length > 0 || line.usedMs >= STRETCH_MS) {
      line.jobs.push(job);
      return false;
    }
    this.#do(line, job);
    return true;
  }

  #arm(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    this.#defer(() => {
      this.#isArmed = false;
      try {
        this.#turn();
      } finally {
        if (this.#lines.size > 0) this.#arm();
      }
    });
  }

  #turn(): void {
    const start = this.#steadyNow();
    for (const [group, line] of [...this.#lines]) {
      if (line.jobs.length > 0 && this.#steadyNow() - start >= TOGETHER_MS) return;
      // Behind the others, for the next turn.
      this.#lines.delete(group);
      line.usedMs = 0;
      try {
        while (line.jobs.length > 0 && line.usedMs < STRETCH_MS) this.#do(line, line.jobs.shift()!);
      } finally {
        if (line.jobs.length > 0 || line.usedMs > 0) this.#lines.set(group, line);
      }
    }
  }

  #do(line: Line, job: () => void): void {
    const start = this.#steadyNow();
    try {
      job();
    } finally {
      line.usedMs += this.#steadyNow() - start;
    }
  }
}
