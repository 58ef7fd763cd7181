import { pauseAfterOpeningMs } from "../core/auto-pause.ts";
import type { Clock } from "../ports/clock.ts";
import { StoredDataDamaged } from "../ports/failures.ts";
import type { Stores } from "../ports/stores.ts";
import { aliveUntil } from "./alive-until.ts";
import type { HostedSession } from "./hosted-session.ts";
import type { Hosting } from "./hosting.ts";
import { DEAD_AFTER_MS, hostedElsewhere, isHostedElsewhere } from "./live-lease.ts";
import { HostedElsewhere, type WatchedProcesses } from "./other-processes.ts";

/** How often live sessions are looked for that nobody hosts: another process may have died. */
const LOOK_EVERY_MS = 60_000;
/** The same where this process is told of each death: then only what it missed is found in this way. */
const LOOK_EVERY_WHEN_TOLD_MS = 600_000;
/** After a death: what the dead process hosted is open elsewhere by then, and what it only waited for is left. */
const LOOK_AFTER_DEATH_MS = 5_000;
/** Between the first look and the second: a process that died just before this one started still seems to live at the first. */
const LOOK_AGAIN_MS = DEAD_AFTER_MS + 500;
/** After the store failed. */
const RETRY_MS = 5_000;
/** Sessions that are looked up at once. */
const PAGE = 100;

export interface DuePausesDeps {
  readonly stores: Stores;
  readonly hosting: Hosting;
  readonly clock: Clock;
  /** of this life of this process */
  readonly processId: string;
  /** absent: nobody else opens sessions of this store */
  readonly others?: WatchedProcesses;
  /** it is tried again. @param sessionId undefined: no session in particular */
  readonly onFailed: (error: unknown, sessionId: string | undefined) => void;
}

interface DuePause {
  /** by the steady clock */
  readonly at: number;
  /** the session's when the time was worked out: if another host opened it since, it is no longer right */
  readonly epoch: number;
}

/**
 * Pauses for want of a GM (`autoPauseWhenNoGm`) that fall due while their session is open nowhere: it is opened for them. One timer
 * for all of them. Queries when the process starts, after the death of another, and now and then: none grows with the sessions
 * that run here, and those that run elsewhere cost one look-up of leases a page.
 */
export class DuePauses {
  readonly #deps: DuePausesDeps;
  readonly #due = new Map<string, DuePause>();
  readonly #damaged = new Set<string>();
  #isStarted = false;
  #isStopped = false;
  #looking: Promise<void> = Promise.resolve();
  /** by the steady clock */
  #nextLookAt = Number.POSITIVE_INFINITY;
  #cancelLook: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(deps: DuePausesDeps) {
    this.#deps = deps;
    deps.others?.listen({ died: () => this.#lookIn(LOOK_AFTER_DEATH_MS) });
  }

  /** To be called once, when sessions can be opened. */
  start(): void {
    this.#lookNow(LOOK_AGAIN_MS);
  }

  /** To be told of every session that was closed here. */
  closed(session: HostedSession): void {
    const inMs = session.autoPauseInMs;
    this.#due.delete(session.sessionId);
    if (inMs !== undefined) this.#expect(session.sessionId, inMs, session.committed.epoch);
  }

  /** Opens nothing more. Resolves when nothing is being read any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelLook?.();
    this.#cancelTimer?.();
    await this.#looking;
  }

  /** One look after the other: a death may be told in the middle of one. */
  #lookNow(nextInMs = this.#lookEveryMs): void {
    if (this.#isStopped) return;
    this.#isStarted = true;
    this.#nextLookAt = Number.POSITIVE_INFINITY;
    this.#looking = this.#looking
      .then(() => this.#look())
      .then(
        () => this.#lookIn(nextInMs),
        (error) => {
          this.#deps.onFailed(error, undefined);
          this.#lookIn(RETRY_MS);
        },
      );
  }

  get #lookEveryMs(): number {
    return this.#deps.others === undefined ? LOOK_EVERY_MS : LOOK_EVERY_WHEN_TOLD_MS;
  }

  /** Or before, where one is to come sooner. */
  #lookIn(ms: number): void {
    const at = this.#deps.clock.steady() + ms;
    if (this.#isStopped || !this.#isStarted || at >= this.#nextLookAt) return;
    this.#nextLookAt = at;
    this.#cancelLook?.();
    this.#cancelLook = this.#deps.clock.after(ms, () => this.#lookNow());
  }

  async #look(): Promise<void> {
    let after = "";
    for (;;) {
      const page = await this.#deps.stores.sessions.liveWithAutoPause(after, PAGE);
      await this.#lookAtAll(page);
      if (this.#isStopped) return;
      const last = page.at(-1);
      if (last === undefined) return;
      after = last;
    }
  }

  async #lookAtAll(page: readonly string[]): Promise<void> {
    const unknown = page.filter((id) => !this.#due.has(id) && !this.#damaged.has(id) && !this.#deps.hosting.isHere(id));
    const elsewhere = unknown.length === 0 ? new Set() : await hostedElsewhere(unknown, this.#deps);
    for (const sessionId of unknown) {
      if (this.#isStopped) return;
      if (!elsewhere.has(sessionId)) await this.#lookAt(sessionId);
    }
  }

  async #lookAt(sessionId: string): Promise<void> {
    const { stores, clock, hosting } = this.#deps;
    try {
      const state = await hosting.read(sessionId);
      if (state === undefined) return;
      const inMs = pauseAfterOpeningMs(state, clock.now(), await aliveUntil(state, stores.leases, clock.now()));
      if (inMs !== undefined) this.#expect(sessionId, inMs, state.epoch);
    } catch (error) {
      if (!(error instanceof StoredDataDamaged)) throw error;
      // Told once: it will be the same every minute.
      this.#damaged.add(sessionId);
      this.#deps.onFailed(error, sessionId);
    }
  }

  #expect(sessionId: string, inMs: number, epoch: number): void {
    this.#due.set(sessionId, { at: this.#deps.clock.steady() + inMs, epoch });
    this.#arm();
  }

  #arm(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#isStopped || this.#due.size === 0) return;
    let first = Number.POSITIVE_INFINITY;
    for (const { at } of this.#due.values()) first = Math.min(first, at);
    this.#cancelTimer = this.#deps.clock.after(Math.max(0, first - this.#deps.clock.steady()), () => this.#fallDue());
  }

  #fallDue(): void {
    const now = this.#deps.clock.steady();
    for (const [sessionId, due] of this.#due) {
      if (due.at > now) continue;
      this.#due.delete(sessionId);
      void this.#pause(sessionId, due);
    }
    this.#arm();
  }

  async #pause(sessionId: string, { epoch }: DuePause): Promise<void> {
    try {
      // Whoever hosts it counts for itself.
      if (await this.#isHosted(sessionId)) return;
      const row = await this.#deps.stores.sessions.find(sessionId);
      if (row?.status !== "live" || row.settings.autoPauseWhenNoGm === 0) return;
      const session = await this.#deps.hosting.open(sessionId);
      if (session.committed.epoch === epoch + 1) session.pauseNow();
    } catch (error) {
      // Whoever opened it at the same moment counts for itself.
      if (this.#isStopped || error instanceof HostedElsewhere) return;
      this.#deps.onFailed(error, sessionId);
      if (error instanceof StoredDataDamaged) this.#damaged.add(sessionId);
      else this.#expect(sessionId, RETRY_MS, epoch);
    }
  }

  /** Whether it is open here, or at another process that lives. */
  async #isHosted(sessionId: string): Promise<boolean> {
    return this.#deps.hosting.isHere(sessionId) || (await isHostedElsewhere(sessionId, this.#deps));
  }
}
