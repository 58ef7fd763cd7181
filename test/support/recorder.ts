import { eventually } from "./eventually.ts";
import type {
  Checkpoint,
  DigestTold,
  History,
  PlaceSeen,
  RecordedAnswer,
  RecordedCommand,
  Sighting,
  Trail,
  View,
} from "./history.ts";
import type { ModelEntry } from "./model.ts";
import type { Command, Outcome, Seat } from "./seat.ts";
import { copyOf } from "./table.ts";

interface OpenCommand extends RecordedCommand {
  readonly sentAt: number[];
  readonly answers: RecordedAnswer[];
  readonly refusals: { tick: number; code: string }[];
}

/** Writes down what clients send, are told and see, for `problemsOf` to judge. */
export class Recorder implements History {
  readonly commands: OpenCommand[] = [];
  readonly sightings: Sighting[] = [];
  readonly views: View[] = [];
  readonly checkpoints: Checkpoint[] = [];
  readonly places: PlaceSeen[] = [];
  readonly digests: DigestTold[] = [];
  readonly trails: Trail[] = [];
  readonly #byId = new Map<string, OpenCommand>();
  readonly #seen = new Set<string>();
  readonly #waiting = new Set<{ readonly since: number }>();
  #slowestMs = 0;
  #tick = 0;

  /** The longest that anybody waited for an answer or a refusal: had it, gave up, or waits still. */
  get slowestMs(): number {
    const now = performance.now();
    return Math.max(this.#slowestMs, ...Array.from(this.#waiting, ({ since }) => now - since));
  }

  /** Sends a command from that seat, new or again, and records it with its outcome. */
  async send(seat: Seat, command: Command, timeoutMs?: number): Promise<Outcome> {
    const record = this.#recordOf(seat.userId, command);
    record.sentAt.push(this.#next());
    const waiting = { since: performance.now() };
    this.#waiting.add(waiting);
    const outcome = await seat.attempt(command, timeoutMs);
    this.#waiting.delete(waiting);
    // Who lost the connection has no answer to wait for; who still has it, and gave up, has waited all the same.
    if (outcome.kind !== "unanswered" || seat.closing === null) {
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - waiting.since);
    }
    if (outcome.kind === "accepted") {
      record.answers.push({ ...outcome.answer, tick: this.#next(), seenSeq: seat.state.seq });
    }
    if (outcome.kind === "refused") {
      record.refusals.push({ tick: this.#next(), code: outcome.refusal.code });
      for (const { path, version, value } of outcome.refusal.conflicts ?? []) {
        if (value === null) continue;
        this.sightings.push({ tick: this.#next(), viewer: seat.userId, path, value, version, by: null });
      }
    }
    return outcome;
  }

  /** Records everything that the seat sees, from now on, patch by patch. @param life names this connection of the person */
  watch(seat: Seat, life: string): void {
    const viewer = `${seat.userId} (${life})`;
    let last = { seq: -1, digest: "" };
    const look = () => {
      const { seq, entries, hidden } = seat.state;
      for (const [path, { value, version, by }] of [...copyOf(entries), ...copyOf(hidden)]) {
        const key = `${path}\n${version}\n${value}\n${by}`;
        if (this.#seen.has(key)) continue;
        this.#seen.add(key);
        this.sightings.push({ tick: this.#next(), viewer, path, value, version, by });
      }
      const digest = seat.digest();
      if (digest !== last.digest || seq !== last.seq) this.views.push({ tick: this.#next(), viewer, seq, digest });
      last = { seq, digest };
    };
    look();
    seat.room.onStateChange(look);
  }

  /**
   * Records the server's whole state.
   * @param state the answer to a GM's `GET /api/sessions/:id/state`
   * @param mayLoseTail see `Checkpoint`
   */
  checkpoint(
    label: string,
    state: { seq: number; entries: object; hidden: object },
    { mayLoseTail = false }: { readonly mayLoseTail?: boolean } = {},
  ): void {
    const entries = new Map<string, ModelEntry>([...Object.entries(state.entries), ...Object.entries(state.hidden)]);
    const { seq } = state;
    this.checkpoints.push({ tick: this.#next(), label, seq, entries, ...(mayLoseTail ? { mayLoseTail } : {}) });
  }

  /** Records the place that a seat's person has. @throws where they have none */
  place(seat: Seat, label: string): void {
    const { userId } = seat;
    const place = seat.state.participants.get(userId);
    if (place === undefined) throw new Error(`${userId} joined (${label}), and is not in`);
    this.places.push({ tick: this.#next(), userId, label, role: place.role, joinedAt: place.joinedAt });
  }

  /** Asks the server for its digests, in both ways, and records them beside those of the seat. Nothing may change meanwhile. */
  async digest(seat: Seat): Promise<void> {
    const answer = await seat.room.request("digest", {});
    const { seq, entries, hidden } = answer as {
      readonly seq: number;
      readonly entries: string;
      readonly hidden: string;
    };
    await seat.caughtUp(seq);
    await eventually("digestSeq to be seq", () => seat.state.digestSeq === seat.state.seq, 1_500);
    this.digests.push({
      tick: this.#next(),
      viewer: seat.userId,
      seq,
      seenSeq: seat.state.seq,
      told: { entries, hidden, inState: seat.state.digest },
      computed: { entries: seat.digest(), hidden: seat.hiddenDigest() },
    });
  }

  /** Records the audit trail. @param verdict the answer to `GET …/events/verify` */
  trail(label: string, verdict: Trail["verdict"], events: Trail["events"]): void {
    this.trails.push({ tick: this.#next(), label, verdict, events });
  }

  #recordOf(userId: string, command: Command): OpenCommand {
    const key = `${userId}\n${command.id}`;
    const known = this.#byId.get(key);
    if (known !== undefined) return known;
    const record: OpenCommand = { ...command, userId, sentAt: [], answers: [], refusals: [] };
    this.#byId.set(key, record);
    this.commands.push(record);
    return record;
  }

  #next(): number {
    this.#tick += 1;
    return this.#tick;
  }
}
