import type { Clock } from "../ports/clock.ts";
import type { Leases, ProcessBeat } from "../ports/leases.ts";

/** How often the beats are looked at: a beat may be so old when it is seen, and a death is known so much later. */
const LOOK_EVERY_MS = 250;
/** A process whose beat has not changed for so long is dead. */
export const SILENT_MS = 2_500;
/** Processes that stopped, of which it is remembered that they did so in order; the oldest goes. */
const DRAINED_KEPT = 1_000;
/** A look that comes so much later than it should was held up by this process or by the store: nobody else was silent meanwhile. */
const HELD_UP_MS = 500;

export interface ProcessesDeps {
  readonly leases: Pick<Leases, "processes" | "takeForDead" | "retire">;
  readonly clock: Pick<Clock, "steady" | "after">;
  /** of this life of this process */
  readonly processId: string;
  readonly internalUrl: string;
  /** it is looked again. */
  readonly onFailed: (error: unknown) => void;
}

interface Seen {
  beat: ProcessBeat;
  /** by the steady clock, when this beat was seen first; later where this process could not look */
  since: number;
  isDead: boolean;
}

export interface ProcessListener {
  /** It is there: for the first time, or again. */
  lives?(process: ProcessBeat): void;
  /** It is there no more, as far as this process can tell. */
  died?(process: ProcessBeat): void;
}

/**
 * Which processes share the store with this one, and which of them are there. By this process' own steady clock: clocks
 * of machines differ. Who is taken for dead wrongly is told by its next beat, and the log's epochs make it harmless.
 */
export class Processes {
  readonly #deps: ProcessesDeps;
  readonly #seen = new Map<string, Seen>();
  readonly #listeners: ProcessListener[] = [];
  readonly #takenForDead = new Map<string, Promise<void>>();
  readonly #drained = new Set<string>();
  #lookedAt: number | undefined;
  #looking: Promise<void> | undefined;
  /** when processes were looked for that nobody had seen, by the steady clock; the oldest first */
  readonly #lookedFor = new Map<string, number>();
  #meeting: Promise<void> | undefined;
  #isStopped = false;
  #cancelTimer: (() => void) | undefined;

  constructor(deps: ProcessesDeps) {
    this.#deps = deps;
  }

  /** The first look, and from then on. @throws StoreUnavailable */
  async start(): Promise<void> {
    await this.#look();
    this.#lookIn(LOOK_EVERY_MS);
  }

  /** Resolves when nothing is looked at any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelTimer?.();
    await this.#looking?.catch(() => undefined);
  }

  listen(listener: ProcessListener): void {
    this.#listeners.push(listener);
  }

  /** Other processes that are there, in no order. */
  get living(): readonly ProcessBeat[] {
    return this.#others(false);
  }

  /** Other processes that are there no more, and whose sessions are not all open elsewhere yet. */
  get dead(): readonly ProcessBeat[] {
    return this.#others(true);
  }

  /** Whether a process is there, as far as this one can tell; of itself true. */
  isAlive(processId: string): boolean {
    return processId === this.#deps.processId || this.#seen.get(processId)?.isDead === false;
  }

  /**
   * The same, where a process that was not seen yet may have begun a moment ago: it is looked for, no oftener than all are
   * looked at. @throws StoreUnavailable
   */
  async isThere(processId: string): Promise<boolean> {
    const now = this.#deps.clock.steady();
    if (processId !== this.#deps.processId && !this.#seen.has(processId)) {
      if (now - (this.#lookedFor.get(processId) ?? Number.NEGATIVE_INFINITY) >= LOOK_EVERY_MS) {
        this.#lookedFor.set(processId, now);
        this.#meeting ??= this.#look().finally(() => {
          this.#meeting = undefined;
          this.#forgetLookedFor();
        });
      }
      await this.#meeting;
    }
    return this.isAlive(processId);
  }

  /** One that is there, besides this one. */
  find(processId: string): ProcessBeat | undefined {
    const seen = this.#seen.get(processId);
    return seen === undefined || seen.isDead ? undefined : seen.beat;
  }

  /** Whether a process said that it hands its sessions over and stops; also when it has stopped. */
  isDraining(processId: string): boolean {
    return this.#drained.has(processId);
  }

  /** Its address refuses connections: it is dead until its beat changes again. */
  refused(processId: string): void {
    const seen = this.#seen.get(processId);
    if (seen !== undefined) this.#dies(seen);
  }

  /**
   * To be called before a session of a dead process is opened here: should it be there after all, its next beat tells it.
   * Once per death. @throws StoreUnavailable | OutcomeUnknown
   */
  takeForDead(processId: string): Promise<void> {
    let taken = this.#takenForDead.get(processId);
    if (taken === undefined) {
      taken = this.#deps.leases.takeForDead(processId);
      this.#takenForDead.set(processId, taken);
      taken.catch(() => this.#takenForDead.delete(processId));
    }
    return taken;
  }

  /** All sessions of a dead process are open elsewhere: nobody has to look at it any more. @throws StoreUnavailable | OutcomeUnknown */
  async retire(processId: string): Promise<void> {
    await this.#deps.leases.retire(processId);
    if (this.#seen.get(processId)?.isDead) this.#forget(processId);
  }

  #others(isDead: boolean): readonly ProcessBeat[] {
    return [...this.#seen.values()].flatMap((seen) => (seen.isDead === isDead ? [seen.beat] : []));
  }

  #lookIn(ms: number): void {
    if (!this.#isStopped) this.#cancelTimer = this.#deps.clock.after(ms, () => void this.#lookAgain());
  }

  async #lookAgain(): Promise<void> {
    try {
      await this.#look();
      this.#lookIn(this.#untilNextLook());
    } catch (error) {
      this.#deps.onFailed(error);
      this.#lookIn(LOOK_EVERY_MS);
    }
  }

  /** In ms. Who would be silent for too long is looked at in that very moment, and known to be dead that much sooner. */
  #untilNextLook(): number {
    const now = this.#deps.clock.steady();
    const ends = [...this.#seen.values()].flatMap(({ since, isDead }) => (isDead ? [] : [since + SILENT_MS - now]));
    return Math.max(1, Math.min(LOOK_EVERY_MS, ...ends));
  }

  /** One after the other: an older answer that comes late would take back what a newer one said. */
  #look(): Promise<void> {
    const before = this.#looking;
    const looking =
      before === undefined ? this.#lookOnce() : before.catch(() => undefined).then(() => this.#lookOnce());
    this.#looking = looking;
    const isOver = (): void => {
      if (this.#looking === looking) this.#looking = undefined;
    };
    looking.then(isOver, isOver);
    return looking;
  }

  #forgetLookedFor(): void {
    const past = this.#deps.clock.steady() - LOOK_EVERY_MS;
    for (const [processId, at] of this.#lookedFor) {
      if (at > past) return;
      this.#lookedFor.delete(processId);
    }
  }

  async #lookOnce(): Promise<void> {
    const askedAt = this.#deps.clock.steady();
    const beats = await this.#deps.leases.processes();
    if (this.#isStopped) return;
    this.#excuse(askedAt);
    this.#lookedAt = askedAt;
    for (const beat of beats) if (beat.processId !== this.#deps.processId) this.#see(beat, askedAt);
    const listed = new Set(beats.map(({ processId }) => processId));
    for (const [processId, seen] of this.#seen) if (!listed.has(processId)) this.#isGone(seen);
    for (const seen of this.#seen.values()) {
      if (askedAt - seen.since >= SILENT_MS || this.#isReplaced(seen.beat)) this.#dies(seen);
    }
  }

  /** Nobody's silence is counted while this process could not look. */
  #excuse(now: number): void {
    const heldUp = this.#lookedAt === undefined ? 0 : now - this.#lookedAt - LOOK_EVERY_MS;
    if (heldUp < HELD_UP_MS) return;
    for (const seen of this.#seen.values()) seen.since += heldUp;
  }

  #see(beat: ProcessBeat, now: number): void {
    if (beat.isDraining) this.#drained.add(beat.processId);
    for (const oldest of this.#drained) {
      if (this.#drained.size <= DRAINED_KEPT) break;
      this.#drained.delete(oldest);
    }
    const seen = this.#seen.get(beat.processId);
    if (seen === undefined) {
      // Whether it is there is not known yet: to be refused, or silent, tells soon.
      this.#seen.set(beat.processId, { beat, since: now, isDead: false });
      if (!this.#isReplaced(beat)) this.#tell("lives", beat);
      return;
    }
    const hasBeaten = seen.beat.beatAt !== beat.beatAt;
    seen.beat = beat;
    if (!hasBeaten) return;
    seen.since = now;
    if (!seen.isDead || this.#isReplaced(beat)) return;
    seen.isDead = false;
    this.#takenForDead.delete(beat.processId);
    this.#tell("lives", beat);
  }

  /** Two cannot listen at one address: the one that started later does. */
  #isReplaced({ processId, internalUrl, startedAt }: ProcessBeat): boolean {
    if (internalUrl === null) return false;
    if (internalUrl === this.#deps.internalUrl) return true;
    const later = ({ beat, isDead }: Seen): boolean =>
      !isDead && beat.internalUrl === internalUrl && beat.processId !== processId && beat.startedAt > startedAt;
    return [...this.#seen.values()].some(later);
  }

  /** It stopped by itself, or others have opened all its sessions. */
  #isGone(seen: Seen): void {
    this.#forget(seen.beat.processId);
    this.#dies(seen);
  }

  #forget(processId: string): void {
    this.#seen.delete(processId);
    this.#takenForDead.delete(processId);
  }

  #dies(seen: Seen): void {
    if (seen.isDead) return;
    seen.isDead = true;
    this.#tell("died", seen.beat);
  }

  #tell(what: keyof ProcessListener, process: ProcessBeat): void {
    for (const listener of this.#listeners) listener[what]?.(process);
  }
}
