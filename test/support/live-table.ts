import assert from "node:assert/strict";
import { actionRegistry } from "../../src/core/actions/registry.ts";
import { inviteHash } from "../../src/core/invite-hash.ts";
import type { AuditEvent, LogRecord } from "../../src/core/record.ts";
import type { Actor, Place, Role, Settings } from "../../src/core/session.ts";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { ProcessWork } from "../../src/core/work-budget.ts";
import type { Denial, Visitor } from "../../src/live/admission.ts";
import type { Reply } from "../../src/live/command-desk.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { Hosting } from "../../src/live/hosting.ts";
import type { Closing, Eviction, SessionObserver } from "../../src/live/observer.ts";
import type { OtherProcesses } from "../../src/live/other-processes.ts";
import { RESTORES_AT_ONCE, Turns } from "../../src/live/turns.ts";
import type { Chance } from "../../src/ports/clock.ts";
import type { Stores } from "../../src/ports/stores.ts";
import { emptyBacking, type MemoryBacking } from "../../src/stores/memory/backing.ts";
import { openMemoryStores } from "../../src/stores/memory/stores.ts";
import { createdSession } from "./created-session.ts";
import { type FaultyStores, faulty } from "./faulty-stores.ts";
import { HandClock, settled } from "./hand-clock.ts";
import { Random } from "./random.ts";

/** Chance that a seed repeats. */
export function seededChance(seed: number): Chance {
  const random = new Random(seed);
  return { id: () => random.text(12), token: () => random.text(24), float: () => random.next() };
}

export const CAMPAIGN = "campaign";
export const GM: Actor = { userId: "gm", name: "Gail", role: "gm", via: "member" };

/** Somebody who watches: what is shown, in order, with what was committed at that time. */
export class Watcher implements SessionObserver {
  readonly seen: LogRecord[] = [];
  readonly evictions: (readonly [userId: string, why: Eviction])[] = [];
  readonly closings: Closing[] = [];
  readonly changes: string[] = [];
  /** while set, showing takes until it resolves */
  showing: Promise<void> | undefined;

  committed(records: readonly LogRecord[]): Promise<void> | undefined {
    this.seen.push(...records);
    return this.showing;
  }
  peopleChanged(userIds: ReadonlySet<string>): void {
    this.changes.push(...userIds);
  }
  evicted(userId: string, why: Eviction): void {
    this.evictions.push([userId, why]);
  }
  async closed(why: Closing): Promise<void> {
    this.closings.push(why);
  }

  get kinds(): string[] {
    return this.seen.map(({ content }) => content.kind);
  }
}

export interface TableOptions {
  readonly seed?: number;
  readonly settings?: Partial<Settings>;
  readonly maxParticipants?: number;
  /** 0 = no limit */
  readonly commandsPerSecond?: number;
  /** units of one participant; 0 = no limit */
  readonly workPerSecond?: number;
  /** beside the GM `gm` */
  readonly members?: Readonly<Record<string, Role>>;
}

/** A process that hosts sessions of one database, with faults of its own. */
export interface Process {
  readonly hosting: Hosting;
  readonly stores: FaultyStores;
  readonly problems: string[];
  readonly closed: Closing[];
  /** told of every session that was closed */
  readonly onClosed: ((session: HostedSession) => void)[];
}

/** One campaign with one session, on a hand-cranked clock, and on stores in memory where no others are given. */
export class LiveTable {
  readonly clock = new HandClock();
  readonly chance: Chance;
  readonly backing: MemoryBacking = emptyBacking();
  readonly #options: TableOptions;
  process!: Process;
  sessionId = "";
  #sockets = 0;

  constructor(options: TableOptions) {
    this.#options = options;
    this.chance = seededChance(options.seed ?? 1);
  }

  /** @param ports in place of the stores' own */
  static async set(options: TableOptions = {}, ports: Partial<Stores> = {}): Promise<LiveTable> {
    const table = new LiveTable(options);
    table.process = table.startWith("p1", ports);
    const { campaigns } = table.stores;
    await campaigns.create({
      id: CAMPAIGN,
      name: "Campaign",
      createdAt: 1,
      members: [{ userId: "gm", name: "Gail", role: "gm" }],
    });
    for (const [userId, role] of Object.entries<Role>(options.members ?? { kim: "player", lee: "player" })) {
      await campaigns.putMember(CAMPAIGN, { userId, role });
    }
    const { maxParticipants = 8, settings } = options;
    const created = await createdSession(
      table.hosting,
      { campaignId: CAMPAIGN, title: "Evening", maxParticipants, settings: { ...DEFAULT_SETTINGS, ...settings } },
      GM,
    );
    table.sessionId = created.sessionId;
    return table;
  }

  /** Another process on the same database; it takes over from none of the others by itself. */
  start(processId: string): Process {
    return this.startWith(processId, {});
  }

  /** @param ports in place of the stores' own */
  startWith(processId: string, ports: Partial<Stores>, others?: OtherProcesses): Process {
    const stores = { ...faulty(openMemoryStores(this.backing)), ...ports };
    const problems: string[] = [];
    const closed: Closing[] = [];
    const onClosed: Process["onClosed"] = [];
    const hosting = new Hosting({
      stores,
      actions: actionRegistry(),
      clock: this.clock,
      chance: this.chance,
      processId,
      ...(others === undefined ? {} : { others }),
      commandsPerSecond: this.#options.commandsPerSecond ?? 0,
      work: new ProcessWork(this.#options.workPerSecond ?? 0),
      onFault: (_action, cause) => assert.fail(String(cause)),
      restores: new Turns(RESTORES_AT_ONCE),
      onDamaged: ({ message }) => problems.push(message),
      onClosed: (session, why) => {
        closed.push(why);
        for (const tell of onClosed) tell(session);
      },
      onBroken: (_sessionId, error) => problems.push(`broken: ${String(error)}`),
      onSnapshotFailed: (_sessionId, error) => problems.push(`snapshot: ${String(error)}`),
    });
    return { hosting, stores, problems, closed, onClosed };
  }

  get hosting(): Hosting {
    return this.process.hosting;
  }

  get stores(): FaultyStores {
    return this.process.stores;
  }

  open(hosting = this.hosting): Promise<HostedSession> {
    return hosting.open(this.sessionId);
  }

  /** Opened and live, with a watcher. */
  async live(): Promise<{ session: HostedSession; watcher: Watcher }> {
    const session = await this.open();
    const watcher = new Watcher();
    session.observe(watcher);
    assert.equal(await session.step("start", GM, ""), "done");
    return { session, watcher };
  }

  async visitor(userId: string, inviteToken?: string): Promise<Visitor> {
    const { member, removal } = await this.stores.campaigns.findMembership(CAMPAIGN, userId);
    return {
      userId,
      name: null,
      member,
      removal,
      inviteHash: inviteToken === undefined ? undefined : inviteHash(inviteToken),
    };
  }

  /** Comes in over a new socket. @returns the socket, or why not */
  async come(
    session: HostedSession,
    userId: string,
    inviteToken?: string,
  ): Promise<{ readonly socket: string; readonly place: Place } | Denial | "expired"> {
    const open = session.presence.of(userId)?.connections ?? 0;
    const reservation = session.reserve(await this.visitor(userId, inviteToken), open, () => false);
    if (typeof reservation === "string") return reservation;
    const socket = this.socket();
    const place = await session.join(reservation.id, socket);
    return typeof place === "string" ? place : { socket, place };
  }

  socket(): string {
    return `socket-${++this.#sockets}`;
  }

  /** Comes in, as has to work. @returns the socket */
  async sit(session: HostedSession, userId: string, inviteToken?: string): Promise<string> {
    const came = await this.come(session, userId, inviteToken);
    if (typeof came === "string") assert.fail(`${userId}: ${came}`);
    return came.socket;
  }

  records(): LogRecord[] {
    return (this.backing.logs.get(this.sessionId) ?? []).flatMap(({ json }) =>
      json === null ? [] : [JSON.parse(json)],
    );
  }

  events(): readonly AuditEvent[] {
    return (this.backing.logs.get(this.sessionId) ?? []).flatMap(({ events }) => events);
  }

  /** Audit events that concern a person, by kind, in order. */
  kindsOf(userId: string): string[] {
    return this.events().flatMap(({ kind, actor, data }) => ((data.userId ?? actor.userId) === userId ? [kind] : []));
  }
}

export function set(id: string, path: string, value: unknown) {
  return { id, action: "set", payload: { path, value } };
}

/** The seq of an accepted command. */
export async function seqOf(reply: Reply | Promise<Reply>): Promise<number> {
  const answer = await reply;
  assert.ok("seq" in answer, JSON.stringify(answer));
  return answer.seq;
}

/** The code of a refused one. */
export async function codeOf(reply: Reply | Promise<Reply>): Promise<string> {
  const answer = await reply;
  assert.ok("code" in answer, JSON.stringify(answer));
  return answer.code;
}

/** What has become of a promise so far. */
export async function stateOf(promise: Promise<unknown>): Promise<"pending" | "resolved" | "rejected"> {
  let state: "pending" | "resolved" | "rejected" = "pending";
  promise.then(
    () => {
      state = "resolved";
    },
    () => {
      state = "rejected";
    },
  );
  await settled();
  return state;
}
