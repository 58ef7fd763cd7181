import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { factsOf, NOTHING_KNOWN, peopleOf } from "../../src/core/access-list.ts";
import { verifyChain } from "../../src/core/audit.ts";
import { writeSnapshot } from "../../src/core/snapshot.ts";
import { SessionState } from "../../src/core/state.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { settled } from "../support/hand-clock.ts";
import { GM, LiveTable, type Process, set, Watcher } from "../support/live-table.ts";

const PEOPLE = ["gm", "kim", "lee", "ana"] as const;
type Who = (typeof PEOPLE)[number];

const who = fc.constantFrom(...PEOPLE);
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("join" as const), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("drop" as const), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("leave" as const), who }) },
  { weight: 10, arbitrary: fc.record({ do: fc.constant("command" as const), who, repeat: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("knock", "admit", "deny"), who }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("openDoor", "closeDoor") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), who: fc.constantFrom("kim", "lee") }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(0, 60, 1_500, 4_000, 70_000) }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...(["fail", "loseAnswer", "loseAppend", "hang", "down", "recover", "pause", "resume"] as const),
        ...(["rename", "snapshot", "crash", "close", "settle"] as const),
      ),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** One evening: what was asked, what was answered and what was shown, on a hand-cranked clock. */
class Evening {
  readonly table: LiveTable;
  readonly watcher = new Watcher();
  session: HostedSession | undefined;
  /** open sockets of the running session */
  sockets: (readonly [who: Who, socket: string])[] = [];
  /** the seq that was answered, by person and id */
  readonly acknowledged = new Map<string, number>();
  readonly asked: (readonly [who: Who, id: string])[] = [];
  readonly underWay: Promise<unknown>[] = [];

  constructor(table: LiveTable) {
    this.table = table;
    this.#keepLog(table.process);
  }

  /** What is trimmed could not be folded again. */
  #keepLog({ stores }: Process): void {
    const log = Object.assign(Object.create(stores.log), { trim: async () => {} });
    Object.assign(stores, { log });
  }

  async open(): Promise<HostedSession> {
    const session = await this.table.open();
    if (session === this.session) return session;
    this.session = session;
    this.sockets = [];
    session.observe({
      committed: (records) => this.watcher.committed(records),
      peopleChanged: () => {},
      evicted: (userId) => this.#dropAll(session, userId),
      closed: async () => this.#dropAll(session),
    });
    return session;
  }

  #dropAll(session: HostedSession, userId?: string): void {
    if (session !== this.session) return;
    const gone = this.sockets.filter(([owner]) => userId === undefined || owner === userId);
    this.sockets = this.sockets.filter((socket) => !gone.includes(socket));
    for (const [owner, socket] of gone) session.presence.disconnected(owner, socket);
  }

  #take(who: Who): readonly [Who, string] | undefined {
    const found = this.sockets.find(([owner]) => owner === who);
    this.sockets = this.sockets.filter((socket) => socket !== found);
    return found;
  }

  async #join(who: Who): Promise<void> {
    const session = await this.open();
    const came = await this.table.come(session, who);
    if (typeof came === "string") return;
    if (session === this.session && session.open) this.sockets.push([who, came.socket]);
    else session.presence.disconnected(who, came.socket);
  }

  async #command(who: Who, repeat: boolean): Promise<void> {
    const { session } = this;
    if (session === undefined) return;
    const again = repeat ? this.asked.findLast(([owner]) => owner === who) : undefined;
    const id = again?.[1] ?? `c${this.asked.length}`;
    this.asked.push([who, id]);
    const answer = await session.desk.submit(who, set(id, `table/${who}/${id}`, id));
    if (!("seq" in answer)) return;
    const key = `${who} ${id}`;
    assert.equal(answer.seq, this.acknowledged.get(key) ?? answer.seq, "one id, two answers");
    this.acknowledged.set(key, answer.seq);
    assert.ok(session.committed.seq >= answer.seq, "answered before it was stored");
  }

  async play(step: Step): Promise<void> {
    const { table, session } = this;
    const run = (work: Promise<unknown> | undefined) => {
      // What a store does not take is refused, and asked for again by whoever wants it.
      if (work !== undefined)
        this.underWay.push(work.catch((error: Error) => assert.match(error.name, /Unavailable|Unknown/)));
    };
    switch (step.do) {
      case "join":
        return run(this.#join(step.who));
      case "drop": {
        const found = this.#take(step.who);
        if (found !== undefined) session?.presence.disconnected(...found);
        return;
      }
      case "leave": {
        const found = this.#take(step.who);
        if (found !== undefined) run(session?.leave(...found));
        return;
      }
      case "command":
        return run(this.#command(step.who, step.repeat));
      case "knock": {
        const asker = { userId: step.who, name: step.who, role: "player", via: "member", removal: 0 } as const;
        return run(session?.waitingRoom.knock(asker, `${this.asked.length}`));
      }
      case "admit":
      case "deny":
        return run(session?.waitingRoom.answer(step.who, GM, step.do, "no"));
      case "openDoor":
      case "closeDoor":
        return run(session?.update({ settings: { admission: step.do === "openDoor" ? "open" : "approve" } }, GM));
      case "remove":
        return run(session?.remove(step.who, GM, { ban: false, reason: "" }));
      case "wait":
        return table.clock.advance(step.ms);
      case "settle":
        return settled();
      case "fail":
        return table.stores.failAppend();
      case "loseAnswer":
        return table.stores.loseAnswer();
      case "loseAppend":
        return table.stores.loseAppend();
      case "hang":
        table.stores.holdAppend();
        return;
      case "down":
        return table.stores.goDown();
      case "recover":
        return table.stores.recover();
      case "pause":
      case "resume":
        return run(session?.step(step.do, GM, ""));
      case "rename":
        return run(session?.update({ title: `Title ${this.asked.length}` }, GM));
      case "snapshot":
        return run(session?.snapshot());
      case "close":
        return run(session?.close("idle"));
      case "crash": {
        table.stores.goDown();
        this.sockets = [];
        this.session = undefined;
        table.process = table.start(`p${table.clock.now()}`);
        this.#keepLog(table.process);
        return;
      }
      default:
        step satisfies never;
    }
  }

  /** The store works again, and everything that was under way has come to its end. */
  async calm(): Promise<HostedSession> {
    this.table.stores.recover();
    await this.table.clock.advance(10_000);
    await Promise.all(this.underWay);
    const session = await this.open();
    await this.table.clock.advance(5_000);
    return session;
  }
}

function check({ table, watcher, acknowledged, sockets }: Evening, session: HostedSession): void {
  const { committed, presence } = session;
  const records = table.records();
  const folded = new SessionState(table.sessionId);
  for (const record of records) folded.apply(record);
  assert.equal(writeSnapshot(folded).text, writeSnapshot(committed).text, "the log is not the state");

  for (const record of watcher.seen) assert.deepEqual(record, records[record.pos - 1], "shown, but not stored so");

  const stored = new Map<string, number>();
  for (const { content } of records) {
    for (const { userId, id, seq } of content.kind === "commands" ? content.commands : []) {
      assert.ok(!stored.has(`${userId} ${id}`), `${userId} ${id} counted twice`);
      stored.set(`${userId} ${id}`, seq);
    }
  }
  for (const [key, seq] of acknowledged) assert.equal(stored.get(key), seq, `${key} was acknowledged`);

  const verdict = verifyChain(table.events());
  assert.deepEqual([verdict.valid, verdict.count, verdict.head], [true, committed.auditCount, committed.auditHead]);

  assert.ok([...committed.places.values()].filter(({ role }) => role !== "gm").length <= 3);
  for (const who of PEOPLE) {
    const kinds = table.kindsOf(who);
    const hasPlace = committed.places.has(who);
    let isIn = false;
    for (const kind of kinds) {
      if (kind === "participant.joined" || kind === "participant.left") {
        assert.equal(isIn, kind === "participant.left", `${who}: ${kinds}`);
      }
      if (kind === "participant.joined") isIn = true;
      // A removal of somebody who was admitted and has not come takes that back.
      if (kind === "participant.left" || kind === "participant.removed") isIn = false;
    }
    assert.equal(isIn, hasPlace, `${who}: ${kinds}`);
    assert.equal(presence.of(who) !== undefined, hasPlace, `${who}: presence and place`);
    const open = sockets.filter(([owner]) => owner === who).length;
    assert.equal(presence.of(who)?.connections ?? 0, open, `${who}: sockets`);
    const isOnline = open > 0;
    assert.equal((committed.attendance.get(who)?.onlineSince ?? null) !== null, isOnline, `${who}: attendance`);
  }
}

/** What is noted beside the log of who may come in is what the state says. */
async function assertNoted({ stores, sessionId }: LiveTable, state: SessionState): Promise<void> {
  const { isLearned, people, lookups } = await stores.archive.access(sessionId);
  assert.ok(isLearned);
  const noted = people.filter(({ pos: _, userId: __, ...facts }) => !isDeepStrictEqual(facts, NOTHING_KNOWN));
  assert.deepEqual(
    new Map(noted.map(({ userId, pos: _, ...facts }) => [userId, facts])),
    new Map(Array.from(peopleOf(state), (userId) => [userId, factsOf(state, userId)])),
  );
  assert.deepEqual(
    new Map(lookups.map(({ tokenHash, invite }) => [tokenHash, invite])),
    new Map(Array.from(state.invites.values(), (invite) => [invite.tokenHash, invite])),
  );
}

describe("random evenings", () => {
  it("[J16] [J26] whatever comes, the log is the state, what was acknowledged is there once, and everybody is accounted for", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), fc.nat(), async (steps, seed) => {
        const table = await LiveTable.set({
          seed,
          maxParticipants: 3,
          settings: { snapshotEvery: 2, connectionsPerParticipant: 8 },
          members: { kim: "player", lee: "player", ana: "player" },
        });
        const evening = new Evening(table);
        await (await evening.open()).step("start", GM, "");
        for (const one of steps) await evening.play(one);
        check(evening, await evening.calm());
        await assertNoted(table, (await evening.calm()).committed);

        // Everybody goes: nothing is left behind.
        const session = await evening.calm();
        for (const socket of evening.sockets.splice(0)) session.presence.disconnected(...socket);
        await table.clock.advance(200_000);
        assert.equal(session.committed.places.size, 0);
        assert.ok(!session.open);
        assert.deepEqual(
          table.process.problems.filter((problem) => !problem.startsWith("snapshot:")),
          [],
        );
      }),
      { numRuns: 150 },
    );
  }).timeout(60_000);
});
