import type { Reader } from "../core/paths.ts";
import { canRead, isHidden } from "../core/paths.ts";
import type { SessionState } from "../core/state.ts";
import { Entrance, type Pace } from "../live/entrance.ts";
import type { Clock } from "../ports/clock.ts";
import { StateAnswers } from "./state-answers.ts";
import { entryProperty } from "./stream/events.ts";

/** An encoding that nobody asks for is kept so long. */
const KEEP_MS = 5_000;
/** All of them together. */
const KEEP_BYTES = 24 * 1024 * 1024;

interface Kept {
  readonly of: object;
  readonly viewer: string;
  readonly version: string;
  readonly bytes: Buffer;
  until: number;
}

/** By whose eyes a session is seen: the same text for all who see the same. A user id has no line break. */
export function viewerOf({ userId, role }: Reader, { entries }: Pick<SessionState, "entries">): string {
  if (role === "gm") return "\ngm";
  return entries.extent(`private/${userId}`).entries > 0 ? userId : "\nall";
}

/**
 * Whole states as HTTP answers them and streams begin with them. Encoding one takes some 30 ms where it is large, so that
 * each is encoded once for all who see the same of the same version, and all of them together take a quarter of the time,
 * the writing of answers and snapshots included.
 */
export class WholeStates {
  /** of all that encode whole states */
  readonly pace: Pace = { opensAt: Number.NEGATIVE_INFINITY };
  readonly #clock: Clock;
  readonly #answers: StateAnswers;
  /** the one that was asked for last comes last */
  #kept: Kept[] = [];
  #isSweepDue = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#answers = new StateAnswers(clock, this.pace);
  }

  /** Lets in who is to get a whole state, at the pace of all. */
  entrance<Newcomer>(clock: Clock, beforeTurn: () => void): Entrance<Newcomer> {
    return new Entrance(clock, beforeTurn, () => clock.steady(), this.pace);
  }

  /** What `encode` gives, unless the same is kept. @param version of what it is encoded from */
  encoded(of: object, viewer: string, version: string, encode: () => Buffer): Buffer {
    const at = this.#kept.findIndex((kept) => kept.of === of && kept.viewer === viewer);
    const [found] = at === -1 ? [] : this.#kept.splice(at, 1);
    const bytes = found?.version === version ? found.bytes : encode();
    this.#kept.push({ of, viewer, version, bytes, until: this.#clock.steady() + KEEP_MS });
    let total = this.#kept.reduce((sum, kept) => sum + kept.bytes.length, 0);
    while (total > KEEP_BYTES) total -= this.#kept.shift()!.bytes.length;
    if (!this.#isSweepDue) this.#sweepIn(KEEP_MS);
    return bytes;
  }

  /**
   * The body of `GET …/state`, when its turn has come: whoever awaits it is to write it at once.
   * @param mayEncode asked then: others may have come first
   * @returns undefined where it may not, or somebody waits for too many already
   */
  answer(state: SessionState, reader: Reader, mayEncode: () => boolean): Promise<Buffer | undefined> {
    return this.#answers.take(reader.userId, () => (mayEncode() ? this.#answerNow(state, reader) : undefined));
  }

  #answerNow(state: SessionState, reader: Reader): Buffer {
    const version = `${state.seq} ${state.status}`;
    return this.encoded(state, viewerOf(reader, state), version, () => Buffer.from(stateJson(state, reader)));
  }

  #sweepIn(ms: number): void {
    this.#isSweepDue = true;
    this.#clock.after(ms, () => this.#sweep());
  }

  #sweep(): void {
    this.#isSweepDue = false;
    const now = this.#clock.steady();
    this.#kept = this.#kept.filter(({ until }) => until > now);
    const [first] = this.#kept;
    if (first !== undefined) this.#sweepIn(first.until - now);
  }
}

function stateJson({ seq, status, entries }: SessionState, reader: Reader): string {
  const open: string[] = [];
  const hidden: string[] = [];
  for (const [path, entry] of entries) {
    if (canRead(path, reader)) (isHidden(path) ? hidden : open).push(entryProperty(path, entry));
  }
  const head = `"seq":${seq},"status":${JSON.stringify(status)}`;
  return `{${head},"entries":{${open.join(",")}},"hidden":{${hidden.join(",")}}}`;
}
