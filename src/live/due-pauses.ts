import { pauseAfterOpeningMs } from "../core/auto-pause.ts";
import type { Clock } from "../ports/clock.ts";
import { StoredDataDamaged } from "../ports/failures.ts";
import type { Stores } from "../ports/stores.ts";
import { aliveUntil } from "./alive-until.ts";
import type { HostedSession } from "./hosted-session.ts";
import type { Hosting } from "./hosting.ts";
import { DEAD_AFTER_MS, isHostedElsewhere } from "./live-lease.ts";
import { HostedElsewhere, type OtherProcesses } from "./other-processes.ts";

/** How often live sessions are looked for that nobody hosts: another process may have died. */
const LOOK_EVERY_MS = 60_000;
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
  readonly others?: OtherProcesses;
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
 * for all of them, and one query when the process starts and every minute.
 */
export class DuePauses {
  readonly #deps: DuePausesDeps;
  readonly #due = new Map<string, DuePause>();
  readonly #damaged = new Set<string>();
  #isStopped = false;
  #looking: Promise<void> | undefined;
  #cancelLook: (() => void) | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(deps: DuePausesDeps) {
    this.#deps = deps;
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

  #lookNow(nextInMs = LOOK_EVERY_MS): void {
    if (this.#isStopped) return;
    this.#looking = this.#look().then(
      () => this.#lookIn(nextInMs),
      (error) => {
        this.#deps.onFailed(error, undefined);
        this.#lookIn(RETRY_MS);
      },
    );
  }

  #lookIn(ms: number): void {
    if (!this.#isStopped) this.#cancelLook = this.#deps.clock.after(ms, () => this.#lookNow());
  }

  async #look(): Promise<void> {
    let after = "";
    for (;;) {
      const page = await this.#deps.stores.sessions.liveWithAutoPause(after, PAGE);
      for (const sessionId of page) {
        if (this.#isStopped) return;
        if (!this.#due.has(sessionId) && !this.#damaged.has(sessionId)) await this.#lookAt(sessionId);
      }
      const last = page.at(-1);
      if (last === undefined) return;
      after = last;
    }
  }

  async #lookAt(sessionId: string): Promise<void> {
    const { stores, clock, hosting } = this.#deps;
    if (await this.#isHosted(sessionId)) return;
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
