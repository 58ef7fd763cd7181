import assert from "node:assert/strict";
import fc from "fast-check";
import { forgetContent } from "../../src/live/forgetting.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { Turns } from "../../src/live/turns.ts";
import type { Stores } from "../../src/ports/stores.ts";
import { openMemoryStores } from "../../src/stores/memory/stores.ts";
import { examined } from "../support/examined.ts";
import { faulty } from "../support/faulty-stores.ts";
import { settled } from "../support/hand-clock.ts";
import { GM, LiveTable, set } from "../support/live-table.ts";

const PEOPLE = ["gm", "kim", "lee"] as const;
const who = fc.constantFrom(...PEOPLE);
const plain = ["pause", "resume", "rename", "invite", "revoke", "snapshot", "close", "crash", "look"] as const;
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("join", "leave", "drop"), who }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constant("command" as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1_500, 4_000, 70_000) }) },
  { weight: 8, arbitrary: fc.record({ do: fc.constantFrom(...plain) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("knock", "admit", "deny"), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("openDoor", "closeDoor") }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** An evening without faults of the store, as a host leaves it on it. */
class QuietEvening {
  readonly table: LiveTable;
  #sockets: (readonly [who: string, socket: string])[] = [];
  #session: HostedSession | undefined;
  #count = 0;

  constructor(table: LiveTable) {
    this.table = table;
  }

  async play(step: Step): Promise<void> {
    const session = await this.#open();
    this.#count += 1;
    switch (step.do) {
      case "join": {
        const came = await this.table.come(session, step.who);
        if (typeof came !== "string") this.#sockets.push([step.who, came.socket]);
        return;
      }
      case "leave":
      case "drop": {
        const found = this.#sockets.find(([owner]) => owner === step.who);
        if (found === undefined) return;
        this.#sockets = this.#sockets.filter((socket) => socket !== found);
        if (step.do === "leave") await session.leave(...found);
        else session.presence.disconnected(...found);
        return;
      }
      case "command":
        await session.desk.submit(step.who, set(`c${this.#count}`, `table/${step.who}/n`, this.#count));
        return;
      case "knock": {
        // By an invite, if there is one: that may be revoked while they wait.
        const [invite] = session.committed.invites.keys();
        const via = invite === undefined ? "member" : (`invite:${invite}` as const);
        const asker = { userId: step.who, name: step.who, role: "player", via, removal: 0 } as const;
        await session.waitingRoom.knock(asker, `${this.#count}`);
        return;
      }
      case "admit":
      case "deny":
        await session.waitingRoom.answer(step.who, GM, step.do, "no");
        return;
      case "openDoor":
      case "closeDoor":
        await session.update({ settings: { admission: step.do === "openDoor" ? "open" : "approve" } }, GM);
        return;
      case "wait":
        return this.table.clock.advance(step.ms);
      case "pause":
      case "resume":
        await session.step(step.do, GM, "");
        return;
      case "rename":
        await session.update({ title: `Title ${this.#count}` }, GM);
        return;
      case "invite": {
        const expiresAt = this.table.clock.now() + 3_600_000;
        const made = await session.createInvite({ role: "player", maxUses: 2, expiresAt, label: null }, GM);
        assert.ok(typeof made !== "string");
        const came = await this.table.come(session, `guest${this.#count}`, made.token);
        if (typeof came !== "string") this.#sockets.push([`guest${this.#count}`, came.socket]);
        return;
      }
      case "revoke": {
        const [invite] = session.committed.invites.keys();
        if (invite !== undefined) await session.revokeInvite(invite, GM, false);
        return;
      }
      case "snapshot":
        return session.snapshot();
      case "close":
        return session.close("idle");
      case "crash":
        this.table.stores.goDown();
        await this.table.clock.advance(10);
        this.table.process = this.table.start(`p${this.#count}`);
        this.#session = undefined;
        return;
      case "look":
        return this.look();
      default:
        step satisfies never;
    }
  }

  /** That nothing is wrong with what is kept. */
  async look(): Promise<void> {
    const { told, summary } = await examined(openMemoryStores(this.table.backing), { now: this.table.clock.now() });
    assert.deepEqual(told, []);
    assert.equal(summary.sessions, 1);
  }

  async #open(): Promise<HostedSession> {
    const session = await this.table.open();
    if (session !== this.#session) this.#sockets = [];
    this.#session = session;
    return session;
  }
}

describe("doctor and a host", () => {
  it("[E20] whatever a host has kept, nothing is wrong with it", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), fc.nat(), async (steps, seed) => {
        const table = await LiveTable.set({ seed, settings: { snapshotEvery: 2, connectionsPerParticipant: 8 } });
        const evening = new QuietEvening(table);
        await table.live();
        for (const one of steps) await evening.play(one);
        await evening.look();
        await (await table.open()).step("terminate", GM, "");
        await table.clock.advance(20_000);
        await evening.look();
        const { stores, hosting } = table.process;
        const { clock, chance, sessionId } = table;
        const isHere = (id: string) => hosting.running(id) !== undefined;
        const onDamaged = ({ message }: Error) => assert.fail(message);
        const deps = { stores, clock, chance, processId: "sweeper", isHere, restores: new Turns(1), onDamaged };
        assert.match(await forgetContent(sessionId, clock.now(), deps), /^(forgotten|gone)$/);
        await evening.look();
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);

  it("[E24] what a host does between any two of its looks is no damage", async () => {
    const table = await LiveTable.set({ members: { kim: "player" } });
    const { session } = await table.live();
    await table.come(session, "gm");
    let n = 0;
    const change = async () => {
      n += 1;
      await session.desk.submit("gm", set(`c${n}`, `table/n${n % 50}`, n));
      await session.update({ title: `Title ${n}` }, GM);
      const expiresAt = table.clock.now() + 3_600_000;
      await session.createInvite({ role: "player", maxUses: 1, expiresAt, label: null }, GM);
    };
    for (let i = 0; i < 150; i++) await change();
    await session.snapshot();

    let calls = 0;
    const goingOn = (mode: "snapshots" | "records") => async () => {
      await change();
      if (mode === "snapshots" && ++calls % 4 === 0) await session.snapshot();
      await settled();
    };
    for (const mode of ["records", "snapshots"] as const) {
      const before = session.committed.pos;
      const { told, summary } = await examined(interrupted(table, goingOn(mode)), { now: table.clock.now() });
      assert.deepEqual(told, [], mode);
      assert.ok(session.committed.pos > before + 30 && summary.records > before, `${summary.records} of ${before}`);
    }
    assert.ok((await openMemoryStores(table.backing).archive.trimmedThrough(table.sessionId)) > 500);

    // Two snapshots while one is read: nothing can be said of its end, and that is what is said.
    const tooFast = interrupted(table, async () => {
      await change();
      await session.snapshot();
    });
    const { found } = await examined(tooFast, { now: table.clock.now() });
    assert.ok(
      found.every(({ kind }) => kind === "unsettled"),
      JSON.stringify(found),
    );
  }).timeout(20_000);

  it("[E24] what was on its way is looked at again, and what stays wrong meanwhile is told", async () => {
    const table = await LiveTable.set();
    const { session } = await table.live();
    const { rows } = table.backing;
    const row = rows.get(table.sessionId)!;
    rows.set(table.sessionId, { ...row, title: "On its way" });
    const late = faulty(openMemoryStores(table.backing));
    let looks = 0;
    const sessions = new Proxy(late.sessions, {
      get: (port, name) => async (sessionId: string) => {
        if (name === "find" && ++looks > 2) rows.set(table.sessionId, row);
        return Reflect.get(port, name)(sessionId);
      },
    });
    assert.deepEqual((await examined({ ...late, sessions })).told, []);

    rows.set(table.sessionId, { ...row, title: "Wrong" });
    const wrong = await examined(
      interrupted(table, async () => void (await session.desk.submit("gm", set("c", "table/n", 1)))),
    );
    assert.deepEqual(
      wrong.found.map(({ kind }) => kind),
      ["row_differs"],
    );
  });
});

/** The table's stores, where something happens before each call that looks at sessions. */
function interrupted({ backing }: LiveTable, happens: () => Promise<void>): Stores {
  const stores = faulty(openMemoryStores(backing));
  const interrupt = <T extends object>(port: T): T =>
    new Proxy(port, {
      get: (target, name) => {
        const member = Reflect.get(target, name) as (...args: unknown[]) => unknown;
        return async (...args: unknown[]) => {
          await happens();
          return member(...args);
        };
      },
    });
  const { archive, snapshots, sessions } = stores;
  return {
    ...stores,
    archive: interrupt(archive),
    snapshots: interrupt(snapshots),
    sessions: interrupt(sessions),
  };
}
