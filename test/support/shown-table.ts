import assert from "node:assert/strict";
import fc from "fast-check";
import { canRead, isHidden } from "../../src/core/paths.ts";
import type { PersonPresence } from "../../src/core/presence.ts";
import type { Change, LogRecord } from "../../src/core/record.ts";
import type { Role } from "../../src/core/session.ts";
import { Projector } from "../../src/room/projector.ts";
import { SafeSerializer } from "../../src/room/serializer.ts";
import type { Viewer } from "../../src/room/viewers.ts";
import { Onlooker } from "./onlooker.ts";
import { WrittenLog } from "./written-log.ts";

const USERS = ["mia", "kim", "lee", "__proto__", "constructor", "toString"] as const;
const LEAVES = ["one", "two", "__proto__", "constructor", "toString"] as const;
const OWNED = USERS.flatMap((user) => LEAVES.slice(0, 3).map((leaf) => `${user}/${leaf}`));
const PATHS = [
  ...LEAVES.flatMap((leaf) => [`shared/${leaf}`, `gm/${leaf}`]),
  "table/one",
  ...OWNED.flatMap((rest) => [`private/${rest}`, `players/${rest}`]),
];
/** larger than the encoder's buffer, with a few of them */
const BIG = 6_000;
const THERE: PersonPresence = {
  presence: "online",
  activity: "none",
  lastSeenAt: 5,
  reconnectUntil: 0,
  reconnects: 0,
  droppedAt: 0,
  connections: 1,
};

/** Unique texts that can be found in bytes: what is hidden, and from whom. */
class Secrets {
  #count = 0;
  /** Each of the same length, so that none begins like another. */
  next(): string {
    this.#count += 1;
    return `canary${String(this.#count).padStart(6, "0")}`;
  }
}

/** of the state: participants, entries, hidden, connections, knocks */
const MAPS = 5;
const CANARY = /canary\d{6}/g;

/** A room without sockets: the log, its projection, its viewers with a real decoder each. */
export class ShownTable {
  readonly log = WrittenLog.begun({ maxParticipants: 99 });
  projector!: Projector;
  serializer!: SafeSerializer;
  readonly secrets = new Secrets();
  readonly seats: { readonly userId: string; readonly onlooker: Onlooker; readonly viewer: Viewer }[] = [];
  /** what each person's `connections` row says */
  readonly says = new Map<string, string>();
  /** clients without a connection, whose SDK will come back with the copy that it has */
  readonly away: { readonly userId: string; readonly onlooker: Onlooker }[] = [];

  constructor() {
    this.log.write({ kind: "settings", settings: { admission: "approve" } });
    this.log.joined("mia", { role: "gm" });
    this.#open();
    this.set("mia", "gm/one", false);
  }

  /** The host dies; another life of the session begins, without anybody. */
  restart(): void {
    for (const { userId, onlooker } of this.seats.splice(0)) if (onlooker.joined) this.away.push({ userId, onlooker });
    this.#open();
  }

  /** A client's line is cut. */
  cut(index: number): void {
    const seat = this.seats[index % Math.max(1, this.seats.length)];
    if (seat?.onlooker.joined !== true) return;
    this.drop(index);
    this.away.push({ userId: seat.userId, onlooker: seat.onlooker });
  }

  /** The SDK of a client comes back by itself, where its person still has a place. */
  comeBack(index: number): void {
    const [client] = this.away.splice(index % Math.max(1, this.away.length), 1);
    const place = client === undefined ? undefined : this.log.state.places.get(client.userId);
    if (client === undefined || place === undefined) return;
    const { userId, onlooker } = client;
    const viewer = this.projector.enter(onlooker.reconnect(this.serializer), place);
    const seat = { userId, onlooker, viewer };
    this.seats.push(seat);
    this.#showPerson(userId);
    onlooker.acknowledge();
    this.#check(seat);
  }

  #open(): void {
    const { state } = this.log;
    this.log.opened(`life ${state.epoch + 1}`);
    this.serializer = new SafeSerializer(state.firstObjectId);
    this.projector = new Projector(state, () => this.#sendEarly());
    this.serializer.reset(this.projector.schema);
    this.projector.fill();
    for (const userId of state.places.keys()) this.#showPerson(userId);
  }

  set(by: string, path: string, big: boolean): void {
    const text = this.secrets.next();
    this.#command(by, [[path, JSON.stringify(big ? text + "b".repeat(BIG) : text)]]);
  }

  remove(by: string, path: string): void {
    this.#command(by, [[path, null]]);
  }

  /** As `move` does: what is shown from here on is the same text. */
  move(by: string, from: string, to: string): void {
    const entry = this.log.state.entries.get(from);
    if (entry === undefined || from === to) return;
    this.#command(by, [
      [from, null],
      [to, entry.value],
    ]);
  }

  enter(userId: string, role: Role): void {
    if (!this.log.state.places.has(userId)) this.#committed([this.log.joined(userId, { role })]);
    const onlooker = new Onlooker(this.serializer);
    const viewer = this.projector.enter(onlooker.client, this.log.state.places.get(userId)!);
    this.seats.push({ userId, onlooker, viewer });
    this.#showPerson(userId);
  }

  /** The client acknowledges its join, and gets the whole state: right at once, patches or no patches. */
  acknowledge(index: number): void {
    const seat = this.seats[index % this.seats.length];
    if (seat === undefined || seat.onlooker.joined) return;
    seat.onlooker.acknowledge();
    this.#check(seat);
  }

  drop(index: number): void {
    const [seat] = this.seats.splice(index % Math.max(1, this.seats.length), 1);
    if (seat === undefined) return;
    this.projector.leave(seat.viewer);
    this.#showPerson(seat.userId);
  }

  /** The place ends, and with it every connection. */
  expel(userId: string): void {
    if (!this.log.state.places.has(userId)) return;
    this.#committed([this.log.write({ kind: "place", change: { what: "removed", userId, ban: false } })]);
    for (let i = this.seats.length - 1; i >= 0; i--) if (this.seats[i]?.userId === userId) this.drop(i);
    this.#showPerson(userId);
  }

  /** Somebody who is not in asks to come in, or says something else. */
  knock(userId: string): void {
    if (this.log.state.places.has(userId)) return;
    const { knocks } = this.log.state;
    const before = knocks.get(userId)?.status === "waiting" ? knocks.get(userId) : undefined;
    const message = this.secrets.next();
    this.#committed([this.log.knocked(userId, { ...before, name: this.secrets.next(), message })]);
  }

  answerKnock(userId: string, answer: "admit" | "deny" | "lapse"): void {
    if (this.log.state.knocks.get(userId)?.status !== "waiting") return;
    if (answer === "admit") this.#committed([this.log.admitted(userId)]);
    else if (answer === "deny") this.#committed([this.log.denied(userId, this.secrets.next())]);
    else this.#committed([this.log.write({ kind: "knock", change: { what: "lapsed", userIds: [userId] } })]);
  }

  /** Everybody may come in, then nobody without being asked about. */
  openDoor(): void {
    for (const admission of ["open", "approve"] as const) {
      this.#committed([this.log.write({ kind: "settings", settings: { admission } })]);
    }
  }

  changeRole(userId: string, role: Role): void {
    if (!this.log.state.places.has(userId)) return;
    const change = { what: "role", userId, role, name: this.secrets.next().replace("canary", "name"), via: "member" };
    this.#committed([this.log.write({ kind: "place", change: change as never })]);
    this.#showPerson(userId);
  }

  patch(): void {
    this.#send();
    for (const seat of this.seats) if (seat.onlooker.joined) this.#check(seat);
  }

  /** A patch in the middle of a change: each viewer is sent what they might see until now. */
  #sendEarly(): void {
    this.#send();
    for (const { userId, onlooker, viewer } of this.seats) {
      if (onlooker.joined) this.#checkFrames(onlooker.read(), userId, viewer.role);
    }
  }

  #send(): void {
    const clients = this.seats.map(({ onlooker }) => onlooker.client);
    this.serializer.applyPatches(clients as never, this.projector.schema);
  }

  #command(by: string, changes: readonly Change[]): void {
    this.#committed([this.log.command(by, changes)]);
  }

  #committed(records: readonly LogRecord[]): void {
    this.projector.committed(records);
  }

  #showPerson(userId: string): void {
    const there = this.log.state.places.has(userId);
    const client = this.secrets.next();
    const lines = { streams: 0, latencyMs: 7, client };
    // nothing but the two figures that are looked at below
    this.projector.person(userId, there ? THERE : undefined, lines);
    if (there) this.says.set(userId, client);
    else this.says.delete(userId);
  }

  /** That somebody's decoded state is what `canRead` says, and that the frames it came in held nothing else. */
  #check({ userId, onlooker }: ShownTable["seats"][number]): void {
    const { places, entries } = this.log.state;
    const place = places.get(userId)!;
    const readable = [...entries].filter(([path]) => canRead(path, place));
    const frames = onlooker.read();
    const shown = onlooker.shown;
    const who = `${userId}, ${place.role}`;
    assert.deepEqual(shown.entries, new Map(readable.filter(([path]) => !isHidden(path))), who);
    assert.deepEqual(shown.hidden, new Map(readable.filter(([path]) => isHidden(path))), who);
    const names = new Map([...shown.participants].map(([user, { name, role }]) => [user, { name, role }]));
    assert.deepEqual(names, new Map([...places].map(([user, { name, role }]) => [user, { name, role }])), who);
    const rows = new Map([...shown.connections].map(([user, row]) => [user, row.client]));
    assert.deepEqual(rows, place.role === "gm" ? this.says : new Map(), who);
    const knocks = new Map([...shown.knocks].map(([user, { message }]) => [user, message]));
    const waits = this.#waiting().map(({ userId: user, message }) => [user, message] as const);
    assert.deepEqual(knocks, new Map(place.role === "gm" ? waits : []), who);
    assert.equal(onlooker.state.seq, this.log.state.seq);
    assert.ok(numbersUsed(this.serializer) <= this.log.state.nextObjectId, "more numbers used than the log counts");

    this.#checkFrames(frames, userId, place.role);
  }

  #waiting() {
    return [...this.log.state.knocks.values()].filter(({ status }) => status === "waiting");
  }

  /** That frames hold nothing that their reader, with that role, may not see. */
  #checkFrames(frames: readonly Buffer[], userId: string, role: Role): void {
    const reader = { ...this.log.state.places.get(userId)!, role };
    const readable = [...this.log.state.entries].filter(([path]) => canRead(path, reader));
    const allowed = new Set(readable.flatMap(([, { value }]) => value.match(CANARY) ?? []));
    if (role === "gm") {
      for (const client of this.says.values()) allowed.add(client);
      for (const { name, message } of this.#waiting()) for (const text of [name, message]) allowed.add(text);
    }
    const unreadable = PATHS.filter((path) => !canRead(path, reader));
    for (const frame of frames) {
      const bytes = frame.toString("latin1");
      for (const [canary] of bytes.matchAll(CANARY)) assert.ok(allowed.has(canary), `${userId} was sent ${canary}`);
      for (const path of unreadable) assert.ok(!bytes.includes(path), `${userId} was sent the path ${path}`);
    }
  }
}

/** How many numbers the encoder has given out in all lives, without those of the state and its maps. */
function numbersUsed(serializer: SafeSerializer): number {
  const { encoder } = serializer as unknown as { encoder: { root: { nextUniqueId: number }; state: object } };
  return encoder.root.nextUniqueId - 1 - MAPS;
}

const user = fc.constantFrom(...USERS);
const role = fc.constantFrom<Role>("gm", "player", "spectator");
const path = fc.constantFrom(...PATHS);
const index = fc.nat(20);

export type Happening = (table: ShownTable) => void;
export const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(user, path, fc.nat(5)).map(
      ([by, at, n]) =>
        (t: ShownTable) =>
          t.set(by, at, n === 0),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(user, path).map(
      ([by, at]) =>
        (t: ShownTable) =>
          t.remove(by, at),
    ),
  },
  { weight: 3, arbitrary: user.map((who) => (t: ShownTable) => t.knock(who)) },
  {
    weight: 3,
    arbitrary: fc.tuple(user, fc.constantFrom("admit", "deny", "lapse")).map(
      ([who, answer]) =>
        (t: ShownTable) =>
          t.answerKnock(who, answer),
    ),
  },
  { weight: 1, arbitrary: fc.constant((t: ShownTable) => t.openDoor()) },
  {
    weight: 3,
    arbitrary: fc.tuple(user, path, path).map(
      ([by, a, b]) =>
        (t: ShownTable) =>
          t.move(by, a, b),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(user, role).map(
      ([who, as]) =>
        (t: ShownTable) =>
          t.enter(who, as),
    ),
  },
  { weight: 4, arbitrary: index.map((n) => (t: ShownTable) => t.acknowledge(n)) },
  { weight: 1, arbitrary: index.map((n) => (t: ShownTable) => t.drop(n)) },
  { weight: 1, arbitrary: user.map((who) => (t: ShownTable) => t.expel(who)) },
  {
    weight: 3,
    arbitrary: fc.tuple(user, role).map(
      ([who, as]) =>
        (t: ShownTable) =>
          t.changeRole(who, as),
    ),
  },
  { weight: 4, arbitrary: fc.constant((t: ShownTable) => t.patch()) },
);

/** The same with cut lines, restarts and returns. */
export const happeningOverLives: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 30, arbitrary: happening },
  { weight: 2, arbitrary: index.map((n) => (t: ShownTable) => t.cut(n)) },
  { weight: 4, arbitrary: index.map((n) => (t: ShownTable) => t.comeBack(n)) },
  { weight: 1, arbitrary: fc.constant((t: ShownTable) => t.restart()) },
);
