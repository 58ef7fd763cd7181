import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { LogRecord } from "../../src/core/record.ts";
import type { Place } from "../../src/core/session.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import type { Closing, Eviction, SessionObserver } from "../../src/live/observer.ts";
import { PatchPacer } from "../../src/live/patch-pacer.ts";
import { type Connection, Connections } from "../../src/room/connections.ts";
import { Projector } from "../../src/room/projector.ts";
import { Seats } from "../../src/room/seats.ts";
import { SafeSerializer } from "../../src/room/serializer.ts";
import { watchExpiry } from "../../src/room/token-expiry.ts";
import { settled } from "../support/hand-clock.ts";
import { GM, LiveTable, set } from "../support/live-table.ts";
import { Onlooker } from "../support/onlooker.ts";
import { Random } from "../support/random.ts";

const HOUR_S = 3_600;
/** for what is bounded to fill: the encoder's ids, windows */
const WARM_UP_S = HOUR_S / 4;
/** as many answers to commands as a session remembers, and more */
const REMEMBERED = 9_000;
const SOAK_S = 2 * HOUR_S;
/** what a collection leaves differs by 2 MB; half a KB kept per act would be 4 */
const GROWN_BY_AT_MOST_KB = 4_000;
const PLAYERS = ["kim", "lee", "pat", "sam", "zoe"];
const STEPS = ["pause", "resume"] as const;

/** The parts of a room but for its sockets. */
class SocketlessRoom implements SessionObserver {
  readonly connections = new Connections();
  readonly #session: HostedSession;
  readonly #projector: Projector;
  readonly #serializer = new SafeSerializer(0);
  readonly #seats = new Seats();
  readonly #pacer: PatchPacer;
  readonly #onlookers = new Map<Connection, Onlooker>();

  constructor(session: HostedSession) {
    this.#session = session;
    this.#projector = new Projector(session.committed, () => this.#patch());
    this.#serializer.reset(this.#projector.schema);
    this.#projector.fill();
    this.#pacer = new PatchPacer(session.clock, 8, () => this.#patch());
  }

  enter(socket: string, place: Place, expiresAt: number): void {
    const onlooker = new Onlooker(this.#serializer);
    const { client } = onlooker;
    Object.assign(client, { send: () => undefined });
    const { userId } = place;
    const admitted = { userId, reservationId: "", client: "soak", name: null, expiresAt, bearer: "" };
    const connection = this.connections.add(client, socket, admitted, 0);
    connection.viewer = this.#projector.enter(client, place);
    this.#seats.take(socket, socket, admitted);
    watchExpiry(connection, this.#session.clock, () => this.leave(connection));
    this.#onlookers.set(connection, onlooker);
    onlooker.acknowledge();
    this.#show(userId);
  }

  leave(connection: Connection): void {
    if (this.connections.remove(connection.client) === undefined) return;
    connection.cancelExpiry?.();
    this.#projector.leave(connection.viewer!);
    this.#onlookers.delete(connection);
    this.#session.presence.disconnected(connection.userId, connection.id);
  }

  committed(records: readonly LogRecord[]): Promise<void> | undefined {
    this.#projector.committed(records);
    this.#projector.digest();
    return this.#pacer.commit();
  }

  peopleChanged(userIds: ReadonlySet<string>): void {
    for (const userId of userIds) this.#show(userId);
    this.#pacer.request();
  }

  evicted(userId: string, _why: Eviction): void {
    for (const connection of this.connections.of(userId)) this.leave(connection);
  }

  async closed(_why: Closing): Promise<void> {
    for (const connection of [...this.connections]) this.leave(connection);
    this.#pacer.stop();
  }

  #show(userId: string): void {
    const presence = this.#session.presence.of(userId);
    this.#projector.person(userId, presence, { streams: 0, latencyMs: 5, client: "soak" });
    if (presence === undefined) this.#seats.dropAll(userId);
  }

  #patch(): void {
    const clients = [...this.#onlookers.values()].map(({ client }) => client);
    this.#serializer.applyPatches(clients as never, this.#projector.schema);
    for (const onlooker of this.#onlookers.values()) {
      onlooker.read();
      onlooker.frames.length = 0;
    }
  }
}

describe("a long evening", function () {
  this.timeout(60_000);

  it("[X13] of two hours of coming, going, pausing and editing leaves no memory, timer, listener or file behind", async () => {
    setFlagsFromString("--expose-gc");
    const gc = runInNewContext("gc") as () => void;
    const random = Random.fromEnvironment();
    console.log(`    SEED=${random.seed}`);
    const members = Object.fromEntries(PLAYERS.map((userId) => [userId, "player"] as const));
    const table = await LiveTable.set({ seed: random.seed, members, settings: { reconnectWindow: 30, idleAfter: 20 } });
    const session = await table.open();
    await session.step("start", GM, "");
    const room = new SocketlessRoom(session);
    session.observe(room);
    let count = 0;

    const come = async (userId: string): Promise<void> => {
      const came = await table.come(session, userId);
      if (typeof came === "object")
        room.enter(came.socket, came.place, table.clock.now() + random.between(30, 600) * 1_000);
    };
    const act = async (): Promise<void> => {
      const userId = random.pick([...PLAYERS, "gm"]);
      const connection = room.connections.newestOf(userId);
      if (connection === undefined) return await come(userId);
      switch (random.between(1, 12)) {
        case 1:
          return room.leave(connection);
        case 2:
          await session.leave(userId, connection.id);
          return room.leave(connection);
        case 3:
          return await come(userId);
        case 4:
          session.presence.activity(userId, connection.id, "rolling");
          return;
        case 5:
          if (random.between(1, 10) === 1) await session.step(random.pick(STEPS), GM, "a break");
          return;
        case 6:
          if (random.between(1, 10) === 1) await session.remove(random.pick(PLAYERS), GM, { ban: false, reason: "" });
          return;
        case 7:
          return session.streamOpened({ userId, via: "member" })();
        default: {
          const path = `${random.pick(["shared", `private/${userId}`, `players/${userId}`])}/e${random.between(0, 9)}`;
          const id = `c${++count}`;
          const deletes = random.between(1, 4) === 1;
          const value = { hp: random.between(0, 99), note: random.text(30) };
          await session.desk.submit(
            userId,
            deletes ? { id, action: "delete", payload: { path } } : set(id, path, value),
          );
        }
      }
    };
    const play = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        const acting = act();
        // a patch waits for its floor: time has to pass for the answer to come
        await table.clock.advance(40);
        await acting;
        await table.clock.advance(960);
        forgetTrimmed(table);
      }
    };
    const measured = async () => {
      await settled();
      gc();
      gc();
      return {
        heapKb: process.memoryUsage().heapUsed / 1024,
        timers: table.clock.pending,
        files: readdirSync("/proc/self/fd").length,
        listeners: process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0),
        resources: [...process.getActiveResourcesInfo()].sort().join(),
      };
    };

    await come("gm");
    const filling = Array.from({ length: REMEMBERED }, (_, i) => session.desk.submit("gm", set(`f${i}`, "gm/x", i)));
    await table.clock.advance(40);
    await Promise.all(filling);
    await play(WARM_UP_S);
    assert.deepEqual(table.process.problems, []);
    const before = await measured();
    const { seq } = session.committed;
    await play(SOAK_S / 2);
    const half = await measured();
    await play(SOAK_S / 2);
    const after = await measured();
    // what the warm-up left may go at first: the second hour alone must not hide behind that
    const grownKb = Math.round(after.heapKb - Math.min(before.heapKb, half.heapKb));
    console.log(
      `    ${session.committed.seq - seq} commands, ${session.committed.auditCount} audit events; heap +${grownKb} KB`,
    );
    assert.ok(session.committed.seq - seq > 1_000, "a busy evening");
    assert.ok(grownKb < GROWN_BY_AT_MOST_KB, `the heap grew by ${grownKb} KB`);
    assert.ok(after.timers < 40, `${after.timers} timers`);
    assert.deepEqual(
      [after.files, after.listeners, after.resources],
      [before.files, before.listeners, before.resources],
    );
    assert.deepEqual(table.process.problems, []);

    const closing = session.close("idle");
    await table.clock.advance(10_000);
    await closing;
    assert.equal(table.clock.pending, 0, "a closed session leaves no timer");
  });
});

/** What is trimmed and audited is on a disk otherwise. */
function forgetTrimmed({ backing, sessionId, stores }: LiveTable): void {
  (stores.appends as unknown[]).length = 0;
  const log = backing.logs.get(sessionId) ?? [];
  for (let i = log.length - 1; i >= 0 && log[i] !== FORGOTTEN; i--) if (log[i]!.json === null) log[i] = FORGOTTEN;
}

const FORGOTTEN = { id: "", epoch: 0, at: 0, kind: "audit", json: null, events: [], traces: [] };
