import type { ActionRegistry } from "../core/actions/registry.ts";
import type { Answer } from "../core/answers.ts";
import { parseCommand, tooLong, usableId } from "../core/command.ts";
import { decide } from "../core/decide.ts";
import type { Json } from "../core/json.ts";
import { isRefusal, type Refusal, refusal } from "../core/refusal.ts";
import type { Actor } from "../core/session.ts";
import type { SessionState } from "../core/state.ts";
import { TokenBuckets } from "../core/token-buckets.ts";
import type { ProcessWork, SessionWork } from "../core/work-budget.ts";
import type { Chance, Clock } from "../ports/clock.ts";
import type { LiveFacts } from "./facts.ts";
import type { Journal } from "./journal.ts";
import type { LiveMeter } from "./meter.ts";

/** What the sender of a command is told. */
export type CommandAnswer = { readonly seq: number; readonly result?: Json; readonly duplicate?: true };
export type Reply = CommandAnswer | Refusal;

export interface CommandDeps {
  readonly actions: ActionRegistry;
  readonly clock: Clock;
  readonly chance: Chance;
  /** sustained, per participant; bursts of twice that; 0 = no limit */
  readonly commandsPerSecond: number;
  /** what this process may do for its sessions */
  readonly work: ProcessWork;
  readonly onFault: (action: string, cause: unknown) => void;
  readonly meter?: LiveMeter;
  readonly facts?: LiveFacts;
}

/**
 * Takes one session's commands: shape, rate, known id, decision, journal, answer, in this order (rules J1, J3, I1 to I4).
 * Synchronous up to the journal, so that commands are decided in the order in which they came.
 */
export class CommandDesk {
  readonly #journal: Journal;
  readonly #deps: CommandDeps;
  readonly #rates: TokenBuckets;
  readonly #work: SessionWork;
  /** commands whose outcome is open, by user and id */
  readonly #inFlight = new Map<string, Promise<Reply>>();

  constructor(journal: Journal, work: SessionWork, deps: CommandDeps) {
    this.#journal = journal;
    this.#work = work;
    this.#deps = deps;
    this.#rates = new TokenBuckets(deps.commandsPerSecond, 2 * deps.commandsPerSecond);
  }

  /**
   * @param userId of the authenticated connection
   * @param message as the client sent it, of any shape
   * @param isTooLong it is longer than a command may be, and not whole
   */
  submit(userId: string, message: unknown, isTooLong = false): Reply | Promise<Reply> {
    const reply = isTooLong ? tooLong() : this.#take(userId, message);
    if (reply instanceof Promise) void reply.then((late) => this.#note(userId, message, late));
    else this.#note(userId, message, reply);
    return reply;
  }

  #take(userId: string, message: unknown): Reply | Promise<Reply> {
    const command = parseCommand(message);
    if (isRefusal(command)) return command;
    const spend = this.#spendingOf(userId);
    const limited = this.#overRate(userId) ?? spend(command.expect.size);
    if (limited !== undefined) return limited;
    const known = this.#journal.committed.answers.get(userId, command.id);
    if (known !== undefined) {
      // Stored, but perhaps not shown yet: the answer comes after the patch, also to who asks a second time.
      const reply = duplicateOf(known);
      return (
        this.#journal.showing?.then(
          () => reply,
          () => reply,
        ) ?? reply
      );
    }
    const key = `${command.id}\n${userId}`;
    const underWay = this.#inFlight.get(key);
    if (underWay !== undefined) return underWay.then(asDuplicate);

    const { head } = this.#journal;
    if (!this.#journal.available) return unavailable();
    const actor = actorOf(head, userId);
    if (isRefusal(actor)) return this.#whenStored(actor);
    const { clock, chance, actions, onFault, meter } = this.#deps;
    const startedAt = meter === undefined ? 0 : performance.now();
    const decision = decide(
      { entries: head.entries, status: head.status, seq: head.seq, statusNote: pauseNote(head) },
      actor,
      command,
      actions,
      { now: clock.now(), random: chance.float, onFault, spend },
    );
    meter?.decided(performance.now() - startedAt);
    if (isRefusal(decision)) return this.#whenStored(decision);
    const seq = head.seq + 1;
    const { changes, result } = decision;
    const reply = this.#journal
      .proposeCommand({
        seq,
        at: clock.now(),
        userId,
        id: command.id,
        action: command.action,
        changes,
        ...(result === undefined ? {} : { result }),
      })
      .then(
        (): Reply => {
          this.#inFlight.delete(key);
          meter?.shown(performance.now() - startedAt);
          return answerOf(result === undefined ? { seq } : { seq, result });
        },
        (): Reply => {
          this.#inFlight.delete(key);
          return unavailable();
        },
      );
    this.#inFlight.set(key, reply);
    return reply;
  }

  /** A person's place ended: their rate is forgotten, once it says nothing any more. */
  forget(userId: string): void {
    const now = this.#deps.clock.steady();
    this.#rates.forget(userId, now);
    this.#work.forget(userId, now);
  }

  #note(userId: string, message: unknown, reply: Reply): void {
    const { meter, facts } = this.#deps;
    if (isRefusal(reply)) {
      meter?.answered(reply.code);
      facts?.refused(this.#journal.committed.sessionId, userId, usableId(message), reply.code);
    } else {
      meter?.answered(reply.duplicate ? "duplicate" : "accepted");
    }
  }

  /** A refusal tells of the state that it was decided against, which may still be on its way to the store. */
  #whenStored(refused: Refusal): Refusal | Promise<Refusal> {
    if (this.#journal.depth === 0) return refused;
    return this.#journal.stored().then(
      () => refused,
      () => unavailable(),
    );
  }

  /** How one command of somebody pays for its work: with the ms after which all that it needs will be there. */
  #spendingOf(userId: string): (units: number) => Refusal | undefined {
    let spent = 0;
    return (units) => {
      if (units === 0) return undefined;
      const retryAfterMs = this.#work.spend(userId, units, this.#deps.clock.steady(), spent + units);
      spent += units;
      return retryAfterMs === 0 ? undefined : overBudget(retryAfterMs);
    };
  }

  #overRate(userId: string): Refusal | undefined {
    const { commandsPerSecond, clock } = this.#deps;
    if (commandsPerSecond === 0) return undefined;
    const retryAfterMs = this.#rates.take(userId, clock.steady());
    if (retryAfterMs === true) return undefined;
    return refusal("rate_limited", `More than ${commandsPerSecond} commands a second.`, { retryAfterMs });
  }
}

/** The refusal where there is no budget left for what a message asks for. */
export function overBudget(retryAfterMs: number): Refusal {
  return refusal("rate_limited", "That is more work at once than one may ask for.", { retryAfterMs });
}

function actorOf(head: SessionState, userId: string): Actor | Refusal {
  const place = head.places.get(userId);
  if (place !== undefined) return place;
  if (head.status === "ended") return refusal("session_ended", "The session has ended.");
  return refusal("forbidden", "You have no place in this session any more.");
}

/** Who paused it, when and why; said to whoever has to wait. */
function pauseNote({ status, statusBy, statusSince, statusReason, places }: SessionState): string {
  if (status !== "paused") return "";
  const who = statusBy === "" ? "the server" : (places.get(statusBy)?.name ?? statusBy);
  const why = statusReason === "" ? "" : `: ${statusReason}`;
  return `Paused by ${who} at ${new Date(statusSince).toISOString()}${why}`;
}

function answerOf({ seq, result }: Answer): CommandAnswer {
  return result === undefined ? { seq } : { seq, result: JSON.parse(result) as Json };
}

function duplicateOf(answer: Answer): CommandAnswer {
  return { ...answerOf(answer), duplicate: true };
}

function asDuplicate(reply: Reply): Reply {
  return isRefusal(reply) ? reply : { ...reply, duplicate: true };
}

function unavailable(): Refusal {
  return refusal("journal_unavailable", "This could not be recorded for now: send the same id again.");
}
