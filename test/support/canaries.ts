import { frameHolds } from "./frames.ts";
import type { Random } from "./random.ts";
import type { Seat } from "./seat.ts";

/** A secret and who may know it. */
interface Canary {
  readonly text: string;
  readonly what: string;
  readonly readers: Set<string>;
}

// A canary is searched by its first characters: 54^10 possibilities, and a frame that holds part of one is found too.
const SEARCHED_CHARACTERS = 10;

/** Random strings put where only some may read, and the search for them where others do. */
export class Canaries {
  readonly #random: Random;
  readonly #all: Canary[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  /** A new secret. @param what where it is put, for the report @param readers user ids that may ever receive it */
  release(what: string, readers: readonly string[]): string {
    const text = this.#random.text(24);
    this.#all.push({ text, what, readers: new Set(readers) });
    return text;
  }

  /** From now on that person may receive it. */
  allow(text: string, userId: string): void {
    this.#all.find((canary) => canary.text === text)?.readers.add(userId);
  }

  /** From now on that person may receive every canary released so far whose place begins like this. */
  allowAll(prefix: string, userId: string): void {
    for (const canary of this.#all) if (canary.what.startsWith(prefix)) canary.readers.add(userId);
  }

  /** The secrets that `userId` may not know and that are in `text`. */
  leaksIn(text: string, userId: string): string[] {
    return this.#foreignTo(userId)
      .filter((canary) => text.includes(canary.text.slice(0, SEARCHED_CHARACTERS)))
      .map(({ what }) => `${userId} was told what is in ${what}`);
  }

  /** The secrets that the seat's person may not know and that some raw frame of theirs holds. */
  leaksTo(seat: Seat): string[] {
    return this.#foreignTo(seat.userId)
      .filter((canary) => seat.frames.some((frame) => frameHolds(frame, canary.text.slice(0, SEARCHED_CHARACTERS))))
      .map(({ what }) => `${seat.userId} was sent what is in ${what}`);
  }

  #foreignTo(userId: string): Canary[] {
    return this.#all.filter(({ readers }) => !readers.has(userId));
  }
}
