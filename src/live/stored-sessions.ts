import { type AccessList, listOf, NOTHING_KNOWN } from "../core/access-list.ts";
import type { Invite } from "../core/session.ts";
import type { SessionState } from "../core/state.ts";
import type { Clock } from "../ports/clock.ts";
import type { SessionRow } from "../ports/sessions.ts";
import type { Stores } from "../ports/stores.ts";
import { KeptStates } from "./kept-states.ts";
import { type OnDamaged, type Restored, restore } from "./restore.ts";
import { accessRowsOf, rowOf } from "./row.ts";
import type { SnapshotWriter } from "./snapshot-writer.ts";
import type { Turns } from "./turns.ts";

export interface StoredSessionsDeps {
  readonly stores: Stores;
  readonly clock: Clock;
  /** of all that is restored in this process: each holds a whole session, and takes its time of the loop */
  readonly restores: Turns;
  readonly onDamaged: OnDamaged;
  readonly onSnapshotFailed: (sessionId: string, error: unknown) => void;
}

/** A log behind a snapshot that is longer than a host ever leaves one, unless its snapshots failed. */
const LONG_TAIL_BYTES = 32 * 1024 * 1024;

/** What says whether somebody may know of a session and come in. */
export interface SessionDoor {
  readonly row: SessionRow;
  /** as far as it concerns them and the invite that they bring, at least */
  readonly list: AccessList;
  readonly hasPlace: boolean;
}

/** The same of a state. */
export function doorOf(state: SessionState, userId: string): SessionDoor {
  return { row: rowOf(state), list: state, hasPlace: state.places.has(userId) };
}

/**
 * Reading sessions that do not run here. Who asks for the same one at the same time shares what is read; it is kept a
 * few seconds, and is never older than the call that it answers (rules J20 to J22).
 */
export class StoredSessions {
  readonly #stores: Stores;
  readonly #onDamaged: OnDamaged;
  readonly #onSnapshotFailed: StoredSessionsDeps["onSnapshotFailed"];
  readonly #writer: SnapshotWriter;
  readonly #restores: Turns;
  readonly #kept: KeptStates;
  readonly #reading = new Map<string, Promise<SessionState | undefined>>();

  constructor({ stores, clock, restores, onDamaged, onSnapshotFailed }: StoredSessionsDeps, writer: SnapshotWriter) {
    this.#stores = stores;
    this.#restores = restores;
    this.#onDamaged = onDamaged;
    this.#onSnapshotFailed = onSnapshotFailed;
    this.#writer = writer;
    this.#kept = new KeptStates(clock);
  }

  /**
   * Reads one for somebody who goes on with it: the state is theirs alone.
   * @param how `urgent`: people wait to come in
   * @throws StoredDataDamaged | StoreUnavailable
   */
  restore(sessionId: string, how: "urgent" | "in order" = "in order"): Promise<Restored | undefined> {
    return this.#restores.take(how, () => restore(sessionId, this.#stores, this.#onDamaged));
  }

  /**
   * The state as it is stored now, or later: not to be changed. Undefined where there is no such session.
   * @throws StoredDataDamaged | StoreUnavailable
   */
  async read(sessionId: string): Promise<SessionState | undefined> {
    const end = await this.#stores.log.end(sessionId);
    if (end === 0) return undefined;
    for (;;) {
      const kept = this.#kept.get(sessionId);
      if (kept !== undefined && kept.pos >= end) return kept;
      const underWay = this.#reading.get(sessionId);
      if (underWay === undefined) return this.#start(sessionId);
      const shared = await underWay;
      // One that began before `end` was asked for may not have come so far.
      if (shared === undefined || shared.pos >= end) return shared;
    }
  }

  /** Without any content. Undefined where there is no such session. @throws StoredDataDamaged | StoreUnavailable */
  async door(sessionId: string, userId: string, inviteHash?: string): Promise<SessionDoor | undefined> {
    const found = await this.#stores.sessions.access(sessionId, userId, inviteHash);
    if (found === undefined) return undefined;
    if (!found.isLearned) {
      const state = await this.learn(sessionId);
      return state && doorOf(state, userId);
    }
    const { row, person = NOTHING_KNOWN, invites } = found;
    const now = row.status === "ended" ? { ...person, hasPlace: false, knock: null } : person;
    return { row, list: listOf(userId, now, invites), hasPlace: now.hasPlace };
  }

  /** Its invites, in the order in which they were made. @throws StoredDataDamaged | StoreUnavailable */
  async invitesOf(sessionId: string): Promise<readonly Invite[]> {
    const { sessions } = this.#stores;
    const found = await sessions.access(sessionId, "");
    if (found === undefined || found.isLearned) return await sessions.invitesOf(sessionId);
    return [...((await this.learn(sessionId))?.invites.values() ?? [])];
  }

  /**
   * Notes people and invites of a session of which a former program noted none.
   * @returns its state; undefined where there is no such session
   * @throws StoredDataDamaged | StoreUnavailable | OutcomeUnknown
   */
  async learn(sessionId: string): Promise<SessionState | undefined> {
    const state = await this.read(sessionId);
    if (state !== undefined) await this.#stores.sessions.learn(sessionId, accessRowsOf(state), state.pos);
    return state;
  }

  /** Saves what took long to read, so that it does not take as long again. An ended session's may be about to be forgotten. */
  async #shorten({ state, tail }: Restored): Promise<void> {
    if (tail.bytes < LONG_TAIL_BYTES || state.status === "ended") return;
    const { sessionId, pos } = state;
    try {
      // First: whoever goes on from a snapshot takes it that what precedes it is noted.
      await this.#stores.sessions.learn(sessionId, accessRowsOf(state), pos);
      await this.#writer.write(
        state,
        () => "in order",
        (snapshot) => this.#stores.snapshots.save({ sessionId, ...snapshot }),
      );
    } catch (error) {
      this.#onSnapshotFailed(sessionId, error);
    }
  }

  stop(): void {
    this.#kept.clear();
  }

  #start(sessionId: string): Promise<SessionState | undefined> {
    const reading = this.restore(sessionId)
      .then((restored) => {
        if (restored === undefined) return undefined;
        this.#kept.put(restored.state);
        void this.#shorten(restored);
        return restored.state;
      })
      .finally(() => this.#reading.delete(sessionId));
    this.#reading.set(sessionId, reading);
    return reading;
  }
}
