import type { Clock } from "./clock.ts";
import { afterClose, afterRefusedJoin, closeReason, type Outcome, waitBeforeMs } from "./closeCodes.ts";
import { JoinRefused } from "./errors.ts";
import type { Join, JoinOptions, RoomConnection } from "./room.ts";
import { type TokenNeed, type TokenSource, takeToken } from "./tokens.ts";

export interface LinkOptions {
  readonly clock: Clock;
  readonly join: Join;
  readonly joinOptions: JoinOptions;
  readonly token: TokenSource;
  /** whether the server answers at all (never rejects); asked each second of a long wait, so that its return is noticed sooner */
  readonly probe: () => Promise<boolean>;
  readonly joinTimeoutMs: number;
  /** @returns whether it is this person's; with another's nobody is joined, and that is the end */
  onToken(token: string): boolean;
  onJoined(room: RoomConnection): void;
  onLost(code: number, reason: string): void;
  /** the next try is at that time (ms since 1970), or sooner */
  onWaiting(until: number): void;
  /** the last call ever: the link is closed for good */
  onEnded(code: number, reason: string): void;
}

/** A connection that stood this long was a good one: the next loss starts at the first wait again. */
const GOOD_AFTER_MS = 5000;
const PROBE_EVERY_MS = 1000;
const NO_SIGN_OF_LIFE = 1006;
/** As the server's own 401: a token that is not good for this seat. */
const ANOTHER_PERSON = 401;

/**
 * Keeps a person joined, as contract section 3 says: one room at a time, joined again after a loss, until an end that
 * is final. Every try has a number; what an older try or its room still says is ignored.
 */
export class Link {
  readonly #options: LinkOptions;
  readonly #clock: Clock;
  #room: RoomConnection | undefined;
  #try = 0;
  #attempt = 0;
  #joinedAt = 0;
  #need: TokenNeed = "join";
  #invite: string | undefined;
  #ended = false;
  #cancelWait: (() => void) | undefined;
  #cancelTimeout: () => void = () => {};
  #answered = false;

  constructor(options: LinkOptions) {
    this.#options = options;
    this.#clock = options.clock;
    this.#invite = options.joinOptions.invite;
  }

  start(): void {
    this.#joinLater();
  }

  /** Tries now where it waits for its next try: the network is back, the page is seen again. */
  retryNow(): void {
    if (this.#cancelWait === undefined) return;
    this.#stopWaiting();
    void this.#joinNow();
  }

  /** Drops the socket, the place being kept, and joins again: for a fresh full state, or because the line is dead. */
  rejoin(reason: string): void {
    const room = this.#room;
    if (room === undefined) return;
    this.#startTableAnew();
    this.#forgetRoom();
    room.drop();
    this.#options.onLost(NO_SIGN_OF_LIFE, reason);
    this.#joinLater();
  }

  /** @param consented whether the place is given up */
  end(consented: boolean): void {
    if (this.#ended) return;
    const room = this.#room;
    this.#finish(consented ? 4000 : 1000, consented ? "left" : "closed");
    if (consented) room?.leave();
    else room?.drop();
  }

  #joinLater(): void {
    const waitMs = waitBeforeMs(this.#attempt++);
    this.#options.onWaiting(this.#clock.now() + waitMs);
    this.#try++;
    const cancelTimer = this.#clock.after(waitMs, () => this.retryNow());
    // Someone who was answered (429, 503) keeps to the table; only a server that is gone is looked for.
    const cancelProbe = waitMs > PROBE_EVERY_MS && !this.#answered ? this.#probeLater() : () => {};
    this.#cancelWait = () => {
      cancelTimer();
      cancelProbe();
    };
  }

  /** Looks each second whether the server is back, and then tries at once. The answer stops it. */
  #probeLater(): () => void {
    let stopped = false;
    let cancel = () => {};
    const look = () => {
      void this.#options.probe().then((answers) => {
        if (stopped) return;
        if (answers) this.retryNow();
        else cancel = this.#clock.after(PROBE_EVERY_MS, look);
      });
    };
    cancel = this.#clock.after(PROBE_EVERY_MS, look);
    return () => {
      stopped = true;
      cancel();
    };
  }

  #stopWaiting(): void {
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  async #joinNow(): Promise<void> {
    const tryNumber = ++this.#try;
    this.#answered = false;
    this.#cancelTimeout = this.#clock.after(this.#options.joinTimeoutMs, () => {
      if (this.#try === tryNumber) this.#joinLater();
    });
    try {
      const token = await takeToken(this.#options.token, this.#need);
      if (this.#try !== tryNumber) return;
      if (!this.#options.onToken(token)) {
        this.#finish(ANOTHER_PERSON, "another_person");
        return;
      }
      const { invite: _, ...rest } = this.#options.joinOptions;
      const invite = this.#invite;
      const room = await this.#options.join(invite === undefined ? rest : { ...rest, invite }, token);
      if (this.#try === tryNumber) this.#joined(room, tryNumber);
      else room.drop();
    } catch (error) {
      if (this.#try === tryNumber) this.#failed(error);
    }
  }

  #joined(room: RoomConnection, tryNumber: number): void {
    this.#cancelTimeout();
    this.#room = room;
    this.#invite = undefined;
    this.#need = "join";
    this.#joinedAt = this.#clock.now();
    room.onClosed((code, reason) => {
      if (this.#try === tryNumber) this.#closed(code, closeReason(code, reason));
    });
    this.#options.onJoined(room);
  }

  #failed(error: unknown): void {
    this.#cancelTimeout();
    if (!(error instanceof JoinRefused)) {
      this.#joinLater();
      return;
    }
    this.#answered = error.code < 1000;
    this.#follow(afterRefusedJoin(error.code), "refused", error.code, closeReason(error.code, error.reason));
  }

  #closed(code: number, reason: string): void {
    this.#startTableAnew();
    this.#forgetRoom();
    const outcome = afterClose(code);
    if (outcome !== "final") this.#options.onLost(code, reason);
    this.#follow(outcome, "expired", code, reason);
  }

  #follow(outcome: Outcome, need: TokenNeed, code: number, reason: string): void {
    if (this.#ended) return;
    // A function may know a better token; it is asked once, for a second refusal is about the person.
    const mayRenew = typeof this.#options.token !== "string" && this.#need !== "refused";
    if (outcome === "final" || (outcome === "join_with_new_token" && !mayRenew)) {
      this.#finish(code, reason);
      return;
    }
    if (outcome === "join_with_new_token") this.#need = need;
    this.#joinLater();
  }

  /** A room that closes at once, again and again, must not be joined without any wait. */
  #startTableAnew(): void {
    if (this.#clock.now() - this.#joinedAt >= GOOD_AFTER_MS) this.#attempt = 0;
  }

  #forgetRoom(): void {
    this.#room = undefined;
    this.#try++;
  }

  #finish(code: number, reason: string): void {
    this.#ended = true;
    this.#forgetRoom();
    this.#stopWaiting();
    this.#cancelTimeout();
    this.#options.onEnded(code, reason);
  }
}
