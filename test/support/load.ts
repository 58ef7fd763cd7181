import { pause } from "./eventually.ts";
import type { Random } from "./random.ts";
import type { Recorder } from "./recorder.ts";
import type { Command, Seat } from "./seat.ts";

const IN_FLIGHT = 3;
/** until a command that could not be recorded is sent again */
const AGAIN_MS = 100;

/** One person's part in a busy evening: a few commands in flight all the time, each kept until it is answered for good. */
export class Load {
  readonly userId: string;
  readonly #recorder: Recorder;
  readonly #random: Random;
  /** sent, and not known to be committed or refused */
  readonly #open = new Map<string, Command>();
  #count = 0;

  constructor(userId: string, recorder: Recorder, random: Random) {
    this.userId = userId;
    this.#recorder = recorder;
    this.#random = random;
  }

  /** How many commands wait to be sent again. */
  get open(): number {
    return this.#open.size;
  }

  /**
   * First sends again what got no answer, then goes on with new commands, until the connection is gone or `isOver`. A command
   * that could not be recorded for now is sent again before the next.
   */
  async run(seat: Seat, isOver: () => boolean): Promise<void> {
    await this.sendAgain(seat);
    const worker = async () => {
      while (seat.closing === null && !isOver()) {
        const command = this.#compose(seat);
        for (;;) {
          await this.#send(seat, command);
          if (!this.#open.has(command.id) || seat.closing !== null || isOver()) break;
          await pause(AGAIN_MS);
        }
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  }

  /** Sends again, with their ids, all commands that got no answer. */
  async sendAgain(seat: Seat): Promise<void> {
    await Promise.all([...this.#open.values()].map((command) => this.#send(seat, command)));
  }

  async #send(seat: Seat, command: Command): Promise<void> {
    this.#open.set(command.id, command);
    const outcome = await this.#recorder.send(seat, command);
    if (outcome.kind === "unanswered") return;
    if (outcome.kind === "refused" && outcome.refusal.retryable) return;
    this.#open.delete(command.id);
  }

  #compose(seat: Seat): Command {
    this.#count += 1;
    const id = `${this.userId}-${this.#count}`;
    const random = this.#random;
    const path = `shared/thing${random.between(1, 4)}`;
    const mark = `${id} ${random.text(8)}`;
    switch (random.between(1, 10)) {
      case 1:
      case 2:
        return { id, action: "increment", payload: { path: "shared/total", by: random.between(-3, 9) } };
      case 3:
        return { id, action: "append", payload: { path: "shared/log", values: [id], max: 12 } };
      case 4:
        return { id, action: "set", payload: { path: `players/${this.userId}/note`, value: mark } };
      case 5:
        return { id, action: "set", payload: { path: `private/${this.userId}/note`, value: mark } };
      case 6:
        return { id, action: "set", payload: { path, value: { x: random.between(0, 9), owner: { name: mark } } } };
      case 7:
        return { id, action: "delete", payload: { path } };
      case 8: {
        const version = seat.state.entries.get("shared/turn")?.version ?? 0;
        return { id, action: "set", payload: { path: "shared/turn", value: mark }, expect: { "shared/turn": version } };
      }
      case 9:
        return this.userId === "gm"
          ? { id, action: "move", payload: { from: path, to: "gm/stolen" } }
          : { id, action: "set", payload: { path: `players/${this.userId}/hp`, value: random.between(0, 40) } };
      default:
        return { id, action: "set", payload: { path: `${path}/x`, value: random.between(0, 99) } };
    }
  }
}
