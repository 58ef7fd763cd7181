import { computed, type ReadonlySignal, signal } from "@preact/signals";
import {
  type Activity,
  CommandRefused,
  type Conflict,
  connect,
  type Expect,
  type Json,
  type JsonObject,
  localStorageOutbox,
  memoryStorage,
  type OutboxStorage,
  type Participant,
  type SessionState,
  type Table,
} from "../../../clients/js/src/index.ts";
import { expectAfter } from "../entries/expecting.ts";
import { base } from "../facts.ts";
import { type Away, awayBetween, type Glimpse, glimpseOf } from "./away.ts";
import { soon } from "./soon.ts";

export interface SeatOptions {
  readonly sessionId: string;
  readonly userId: string;
  readonly token: string;
  readonly invite: string | undefined;
  readonly client: string;
  readonly onJoined: () => void;
  readonly onClosed: (code: number, reason: string) => void;
}

/** Somebody changed what one was changing. Both stand side by side until one of them is taken. */
export interface OpenConflict {
  readonly path: string;
  readonly mine: Json;
  readonly theirs: readonly Conflict[];
  readonly expected: Expect;
}

/** Said at the place of the click. This one is for what no place of the page has sent. */
export const ANYWHERE = "anywhere";

/** What a refusal that the status explains is told as: the banner says who and why. */
const BY_STATUS: Readonly<Record<string, string>> = {
  session_paused: "The session is paused: nothing of yours is taken until it goes on.",
  session_not_live: "The session has not begun: until it does, GMs alone change the table.",
};

/** The server forgets an activity after 5 s by default. */
const ACTIVITY_EVERY_MS = 3000;
/** A patch of more is not pointed at entry by entry. */
const MAX_POINTED_AT = 50;

/** One person's seat as the page shows it: the client's table, and signals of what changes on the screen. */
export class Seat {
  readonly table: Table;
  readonly userId: string;
  /** counts the moments at which anything of the state may have changed */
  readonly beat = signal(0);
  readonly connection = signal<Table["connection"]>("joining");
  /** when the next try to join is, ms since 1970 */
  readonly retryAt = signal(0);
  readonly rttMs = signal<number | undefined>(undefined);
  /** the seq at which the copy was last found to be the server's */
  readonly agreedSeq = signal(-1);
  readonly away = signal<Away | undefined>(undefined);
  readonly conflicts = signal<readonly OpenConflict[]>([]);
  /** what was refused, by the place of the page that asked for it */
  readonly refusals = signal<ReadonlyMap<string, string>>(new Map());
  /** when a path was last changed by a patch, ms since 1970 */
  readonly changedAt = new Map<string, number>();
  readonly me: ReadonlySignal<Participant | undefined>;
  readonly #beats = soon(() => this.beat.value++);
  readonly #told = new WeakSet<object>();
  #left: Glimpse | undefined;
  #activityAt = 0;

  constructor(options: SeatOptions) {
    const { sessionId, userId, token, invite, client } = options;
    this.userId = userId;
    this.table = connect({
      endpoint: base.href,
      sessionId,
      userId,
      token,
      client,
      storage: outbox(),
      ...(invite === undefined ? {} : { invite }),
    });
    this.me = this.see((state) => state.participants.get(userId));
    this.#listen(options);
  }

  /** What a look at the state gives, looked at again with each beat. */
  see<T>(look: (state: SessionState) => T): ReadonlySignal<T> {
    return computed(() => {
      this.beat.value;
      return look(this.table.state);
    });
  }

  /**
   * Sends a command. What was refused is told at its place, a conflict besides.
   * @returns whether it is committed
   */
  async send(place: string, action: string, payload: JsonObject, expect?: Expect): Promise<boolean> {
    this.#say(place, undefined);
    try {
      await this.table.command(action, payload, expect === undefined ? {} : { expect });
      return true;
    } catch (error) {
      this.#refused(place, error, expect);
      return false;
    }
  }

  /** Shows the others what one does, once in a while. It is no matter if they do not hear of it. */
  doing(kind: Exclude<Activity, "none">): void {
    if (Date.now() - this.#activityAt < ACTIVITY_EVERY_MS || this.connection.value !== "open") return;
    this.#activityAt = Date.now();
    this.table.activity(kind).catch(() => {});
  }

  /** One's own value is set over the others' as they stand, or dropped. */
  async resolve(conflict: OpenConflict, keepMine: boolean): Promise<void> {
    this.conflicts.value = this.conflicts.value.filter((one) => one !== conflict);
    if (!keepMine) return;
    const { path, mine, expected, theirs } = conflict;
    await this.send(path, "set", { path, value: mine }, expectAfter(expected, theirs));
  }

  dismiss(place: string): void {
    this.#say(place, undefined);
  }

  #listen({ onJoined, onClosed }: SeatOptions): void {
    const { table } = this;
    table.ready.then(onJoined, () => {});
    table.on("patch", () => {
      this.connection.value = table.connection;
      this.#beats();
    });
    table.on("view", this.#beats);
    table.on("change", ({ paths }) => this.#pointAt(paths));
    table.on("status", () => (this.refusals.value = new Map()));
    table.on("waiting", ({ until }) => (this.retryAt.value = until));
    table.on("latency", ({ rttMs }) => (this.rttMs.value = rttMs));
    table.on("agreed", ({ seq }) => (this.agreedSeq.value = seq));
    table.on("lost", () => {
      this.connection.value = "lost";
      this.#left ??= glimpseOf(table.state);
    });
    table.on("back", ({ awayMs }) => {
      const before = this.#left;
      this.#left = undefined;
      if (before === undefined) return;
      const away = awayBetween(before, glimpseOf(table.state), awayMs, this.userId);
      if (away.lines.length > 0) this.away.value = away;
    });
    table.on("refused", ({ command, refusal }) => {
      // What this page has sent is told at its own place, which hears of it a moment later.
      setTimeout(() => {
        if (!this.#told.has(command)) this.#say(ANYWHERE, refusal.message);
      });
    });
    table.on("closed", ({ code, reason }) => {
      this.connection.value = "closed";
      onClosed(code, reason);
    });
  }

  #pointAt(paths: readonly string[]): void {
    if (paths.length > MAX_POINTED_AT) return;
    for (const path of paths) this.changedAt.set(path, Date.now());
  }

  #refused(place: string, error: unknown, expected: Expect | undefined): void {
    if (error instanceof CommandRefused) {
      this.#told.add(error.command);
      const { path, value } = error.command.payload as { readonly path?: string; readonly value?: Json };
      if (error.code === "conflict" && expected !== undefined && path !== undefined && value !== undefined) {
        const conflict = { path, mine: value, theirs: error.conflicts, expected };
        this.conflicts.value = [...this.conflicts.value.filter((open) => open.path !== path), conflict];
        return;
      }
      this.#say(place, BY_STATUS[error.code] ?? error.message);
      return;
    }
    this.#say(place, error instanceof Error ? error.message : String(error));
  }

  #say(place: string, text: string | undefined): void {
    const said = new Map(this.refusals.value);
    if (text === undefined ? !said.delete(place) : said.get(place) === text) return;
    if (text !== undefined) said.set(place, text);
    this.refusals.value = said;
  }
}

/** A browser that keeps nothing keeps commands as long as the page is open. */
function outbox(): OutboxStorage {
  try {
    return localStorageOutbox();
  } catch {
    return memoryStorage();
  }
}
