import type { Checkpoint, History, RecordedAnswer, RecordedCommand, Sighting, View } from "./history.ts";
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
  readonly #byId = new Map<string, OpenCommand>();
  readonly #seen = new Set<string>();
  #tick = 0;

  /** Sends a command from that seat, new or again, and records it with its outcome. */
  async send(seat: Seat, command: Command, timeoutMs?: number): Promise<Outcome> {
    const record = this.#recordOf(seat.userId, command);
    record.sentAt.push(this.#next());
    const outcome = await seat.attempt(command, timeoutMs);
    if (outcome.kind === "accepted") {
      record.answers.push({ ...outcome.answer, tick: this.#next(), seenSeq: seat.state.seq });
    }
    if (outcome.kind === "refused") {
      record.refusals.push({ tick: this.#next(), code: outcome.refusal.code });
      for (const { path, version, value } of outcome.refusal.conflicts ?? []) {
        if (value !== null) this.sightings.push({ viewer: seat.userId, path, value, version, by: null });
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
        this.sightings.push({ viewer, path, value, version, by });
      }
      const digest = seat.digest();
      if (digest !== last.digest || seq !== last.seq) this.views.push({ tick: this.#next(), viewer, seq, digest });
      last = { seq, digest };
    };
    look();
    seat.room.onStateChange(look);
  }

  /** Records the server's whole state. @param state the answer to a GM's `GET /api/sessions/:id/state` */
  checkpoint(label: string, state: { seq: number; entries: object; hidden: object }): void {
    const entries = new Map<string, ModelEntry>([...Object.entries(state.entries), ...Object.entries(state.hidden)]);
    this.checkpoints.push({ tick: this.#next(), label, seq: state.seq, entries });
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
