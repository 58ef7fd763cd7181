import type { Clock } from "./clock.ts";
import type { Command } from "./command.ts";
import { type Divergence, DivergenceWatch } from "./divergence.ts";
import type { Emitter } from "./emitter.ts";
import type { Json } from "./json.ts";
import { type Changes, Replica } from "./replica.ts";
import type { LiveState } from "./room.ts";
import type { Entry, SessionState } from "./state.ts";
import { valueAt } from "./subtree.ts";
import type { TableEvents } from "./tableEvents.ts";
import { OptimisticView } from "./view.ts";

export interface SessionCopyOptions {
  readonly clock: Clock;
  readonly events: Emitter<TableEvents>;
  /** user id, for what the view predicts */
  readonly userId: () => string;
  /** own commands without an answer, in order; none where the view is not to show them */
  readonly unanswered: () => readonly Command[];
  readonly optimistic: boolean;
  readonly onDiverged: (divergence: Divergence) => void;
}

/** A person's copy of the session: plain data that outlives a room, told by events, compared with the server's digest, and seen. */
export class SessionCopy {
  readonly view: OptimisticView;
  readonly #options: SessionCopyOptions;
  readonly #replica = new Replica();
  readonly #watch: DivergenceWatch;
  #isFirst = true;

  constructor(options: SessionCopyOptions) {
    this.#options = options;
    const { clock, events, userId, unanswered, optimistic } = options;
    this.view = new OptimisticView({
      clock,
      state: this.#replica,
      userId,
      unanswered: () => (optimistic ? unanswered() : []),
      onChange: () => events.emit("view", undefined),
    });
    const onAgreed = (seq: number) => events.emit("agreed", { seq });
    this.#watch = new DivergenceWatch(clock, this.#replica, options.onDiverged, onAgreed);
  }

  get state(): SessionState {
    return this.#replica;
  }

  get(path: string): Json | undefined {
    const { entries, hidden } = this.#replica;
    return valueAt(
      {
        get: (at) => this.entry(at)?.value,
        *paths() {
          yield* entries.keys();
          yield* hidden.keys();
        },
      },
      path,
    );
  }

  entry(path: string): Entry | undefined {
    return this.#replica.entries.get(path) ?? this.#replica.hidden.get(path);
  }

  /** A whole state is about to come: it is compared anew. */
  begin(): void {
    this.#watch.restart();
  }

  /** Becomes what the room shows. @param holdMs how long the view may wait for answers to what the patch brought */
  absorb(live: LiveState, holdMs: number): void {
    const changes = this.#replica.absorb(live);
    this.#watch.stateChanged(changes.entries.keys());
    const before = new Map([...changes.entries, ...changes.hidden]);
    this.view.stateChanged(before, this.#options.optimistic ? holdMs : 0);
    this.#tell(changes, [...before.keys()]);
  }

  stop(): void {
    this.#watch.stop();
    this.view.stop();
  }

  #tell(changes: Changes, paths: readonly string[]): void {
    const { events } = this.#options;
    const { status, statusBy, statusReason, seq, participants, knocks } = this.#replica;
    // The very first state is no change of status.
    if (changes.status !== undefined && !this.#isFirst) {
      events.emit("status", { status, previous: changes.status, by: statusBy, reason: statusReason });
    }
    this.#isFirst = false;
    for (const userId of changes.participants.keys()) {
      events.emit("presence", { userId, participant: participants.get(userId) });
    }
    for (const userId of changes.knocks.keys()) events.emit("knock", { userId, knock: knocks.get(userId) });
    if (paths.length > 0) events.emit("change", { seq, paths });
    events.emit("patch", { seq });
  }
}
