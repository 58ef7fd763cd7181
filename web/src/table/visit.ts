import { computed, type ReadonlySignal, signal } from "@preact/signals";
import { KnockRefused, knock, sendKnock } from "../../../clients/js/src/index.ts";
import { base } from "../facts.ts";
import { dropInvite, expire, forgetAll, keptInvite, me, signOut, token } from "../identity/signed-in.ts";
import { deviceText } from "./device.ts";
import { inUse } from "./in-use.ts";
import { Seat } from "./seat.ts";
import { type Standing, standingAfter } from "./standing.ts";

const online = signal(navigator.onLine);
addEventListener("online", () => (online.value = true));
addEventListener("offline", () => (online.value = false));

/** A person's visit at a session, from the page's opening to its end: joining, waiting to be let in, sitting, being out. */
export class Visit {
  readonly sessionId: string;
  /** the seat, as long as there is a table to look at */
  readonly seat = signal<Seat | undefined>(undefined);
  /** why the GM does not let one in, where they said so */
  readonly denial = signal<string | undefined>(undefined);
  readonly standing: ReadonlySignal<Standing>;
  readonly #outside = signal<Standing>(token.value === undefined ? "signed-out" : "connecting");
  #invite: string | undefined;
  #waiting: AbortController | undefined;
  #stopWatching: () => void = () => {};

  constructor(sessionId: string) {
    this.sessionId = sessionId;
    this.standing = computed(() => {
      const seat = this.seat.value;
      if (seat === undefined || this.#outside.value !== "connecting") return this.#outside.value;
      if (seat.connection.value === "open") return "connected";
      if (!online.value) return "offline";
      return seat.connection.value === "lost" ? "reconnecting" : "connecting";
    });
  }

  /** Takes a seat as who is signed in, also again after an end that was not for ever. */
  begin(): void {
    const bearer = token.value;
    const person = me.value;
    if (bearer === undefined || person === undefined) return;
    this.#stop();
    this.#invite = keptInvite(this.sessionId);
    this.#outside.value = "connecting";
    const seat = new Seat({
      sessionId: this.sessionId,
      userId: person.userId,
      token: bearer,
      invite: this.#invite,
      client: deviceText(navigator.userAgent),
      onJoined: () => dropInvite(this.sessionId),
      onClosed: (code, reason) => this.#closed(seat, standingAfter(code, reason)),
    });
    this.seat.value = seat;
    this.#stopWatching = inUse(seat.table);
  }

  /** Knocks once more, with words for the GM. */
  async say(message: string): Promise<void> {
    await sendKnock({ ...this.#knocking(), message });
  }

  /** Gives the place up. */
  leave(): void {
    this.seat.value?.table.leave();
  }

  /** Gives the place up; nobody is signed in any more, and nothing is left in the browser. */
  signOut(): void {
    const seat = this.seat.value;
    this.#stop();
    seat?.table.leave();
    this.#outside.value = "signed-out";
    signOut();
  }

  #closed(seat: Seat, standing: Standing): void {
    if (this.seat.value !== seat) return;
    this.#stopWatching();
    this.#outside.value = standing;
    if (standing === "waiting") void this.#knock();
    if (standing === "signed-out") expire();
    if (standing === "unknown") dropInvite(this.sessionId);
    if (standing === "ended") forgetAll();
    this.seat.value = undefined;
  }

  async #knock(): Promise<void> {
    const waiting = new AbortController();
    this.#waiting = waiting;
    try {
      const answer = await knock({ ...this.#knocking(), signal: waiting.signal });
      if (waiting.signal.aborted) return;
      if (answer.status === "denied") {
        this.denial.value = answer.reason ?? undefined;
        this.#outside.value = "denied";
      } else this.begin();
    } catch (error) {
      if (waiting.signal.aborted) return;
      this.#mayNotKnock(error);
    }
  }

  /** A join says why: the end, an invite that is void, a ban. But it would only say to knock where it was the knock that failed. */
  #mayNotKnock(error: unknown): void {
    const status = error instanceof KnockRefused ? error.status : 0;
    if (status === 401) {
      expire();
      this.#outside.value = "signed-out";
    } else if (status === 403 || status === 404 || status === 409) this.begin();
    else this.#outside.value = "broken";
  }

  #knocking() {
    const invite = this.#invite;
    return {
      endpoint: base.href,
      sessionId: this.sessionId,
      token: token.value ?? "",
      ...(invite === undefined ? {} : { invite }),
    };
  }

  #stop(): void {
    this.#stopWatching();
    this.#waiting?.abort();
    this.seat.value = undefined;
    this.denial.value = undefined;
  }
}
