import assert from "node:assert/strict";
import { inviteHash } from "../../src/core/invite-hash.ts";
import { Learning } from "../../src/live/learning.ts";
import { createdSession } from "../support/created-session.ts";
import { GM, LiveTable } from "../support/live-table.ts";

const LATER = Date.UTC(2040, 0, 1);

describe("who may come in, beside the log", () => {
  let table: LiveTable;
  beforeEach(async () => {
    table = await LiveTable.set({ settings: { reconnectWindow: 3_600 } });
  });
  const invited = async (maxUses = 3) => {
    const session = await table.open();
    const made = await session.createInvite({ role: "player", maxUses, expiresAt: LATER, label: null }, GM);
    assert.ok(typeof made !== "string");
    return { session, ...made };
  };
  const doorOf = (userId: string, token?: string) =>
    table.hosting.door(table.sessionId, userId, token === undefined ? undefined : inviteHash(token));
  /** What a process that does not host it is told. */
  const seen = async (userId: string, token?: string) => {
    const { hosting } = table.start("another");
    const door = await hosting.door(table.sessionId, userId, token === undefined ? undefined : inviteHash(token));
    assert.ok(door !== undefined);
    const { list, hasPlace } = door;
    const invites = Array.from(
      list.invites.values(),
      ({ uses, revokedAt }) => `${uses}${revokedAt === null ? "" : "!"}`,
    );
    return { banned: list.banned.has(userId), used: list.invitees.get(userId)?.used.length ?? 0, hasPlace, invites };
  };

  it("[J26] is noted with each record that changes it", async () => {
    const { session, invite, token } = await invited();
    assert.deepEqual(await seen("ana", token), { banned: false, used: 0, hasPlace: false, invites: ["0"] });
    await table.sit(session, "ana", token);
    assert.deepEqual(await seen("ana"), { banned: false, used: 1, hasPlace: true, invites: ["1"] });
    await session.remove("ana", GM, { ban: true, reason: "" });
    assert.deepEqual(await seen("ana"), { banned: true, used: 1, hasPlace: false, invites: ["1"] });
    await session.unban("ana", GM);
    await session.revokeInvite(invite.id, GM, false);
    assert.deepEqual(await seen("ana", token), {
      banned: false,
      used: 1,
      hasPlace: false,
      invites: ["1!", "1!"].slice(1),
    });
    assert.deepEqual(await seen("kim"), { banned: false, used: 0, hasPlace: false, invites: [] });
  });

  it("[J26] nobody has a place in a session that has ended", async () => {
    const { session } = await table.live();
    await table.sit(session, "kim");
    assert.equal((await seen("kim")).hasPlace, true);
    await session.step("terminate", GM, "");
    await table.clock.advance(0);
    assert.equal((await doorOf("kim"))?.hasPlace, false);
  });

  it("[J26] of a session that runs here it is what is committed", async () => {
    const { session, token } = await invited(1);
    await table.sit(session, "ana", token);
    table.backing.people.clear();
    assert.equal((await doorOf("ana"))?.list, session.committed);
  });

  it("[J26] the next opening makes up for rows that a host could not store any more, from its snapshot on", async () => {
    const { session, token } = await invited();
    await table.sit(session, "ana", token);
    await session.snapshot();
    await table.sit(session, "bo", token);
    await session.remove("lee", GM, { ban: true, reason: "" });
    table.stores.goDown();
    const people = table.backing.people.get(table.sessionId)!;
    const noted = structuredClone(people);
    for (const userId of ["bo", "lee"]) people.delete(userId);
    table.backing.invites.set(inviteHash(token), {
      ...table.backing.invites.get(inviteHash(token))!,
      invite: null,
      pos: 1,
    });
    table.process = table.start("p2");
    await table.open();
    assert.deepEqual(
      [...people].map(([userId, { facts }]) => [userId, facts]).sort(),
      [...noted].map(([userId, { facts }]) => [userId, facts]).sort(),
    );
    assert.deepEqual((await seen("cy", token)).invites, ["2"]);
  });

  it("[J26] so it does from a log without a snapshot, of people of whom nothing is left to say as well", async () => {
    const session = await table.open();
    await session.update({ settings: { admission: "approve" } }, GM);
    const asker = { userId: "kim", name: "Kim", role: "player", via: "member", removal: 0 } as const;
    await session.waitingRoom.knock(asker, "me");
    await session.remove("lee", GM, { ban: true, reason: "" });
    const people = table.backing.people.get(table.sessionId)!;
    const stale = structuredClone(people);
    await session.memberChanged("kim", { member: undefined, removal: 1 }, GM);
    await session.unban("lee", GM);
    await table.clock.advance(0);
    table.stores.goDown();
    for (const [userId, row] of stale) people.set(userId, row);
    table.process = table.start("p2");
    const door = async (userId: string) => (await table.start("another").hosting.door(table.sessionId, userId))!.list;
    assert.equal((await door("kim")).knocks.size, 1, "a host could not store what it recorded");
    await table.open();
    assert.deepEqual([(await door("kim")).knocks.size, (await door("lee")).banned.size], [0, 0]);
  });

  it("[J27] of a session that a former program left it is learned when somebody asks, from the log", async () => {
    const { session, token } = await invited();
    await table.sit(session, "ana", token);
    await session.close("idle");
    for (const lost of [table.backing.people, table.backing.learned]) lost.clear();
    const end = await table.stores.log.end(table.sessionId);
    assert.deepEqual(await seen("ana"), { banned: false, used: 1, hasPlace: true, invites: ["1"] });
    assert.ok(table.backing.learned.has(table.sessionId));
    assert.deepEqual(await seen("ana"), { banned: false, used: 1, hasPlace: true, invites: ["1"] });
    assert.equal(await table.stores.log.end(table.sessionId), end);
  });

  describe("[J27] sessions that former programs left", () => {
    let failed: (string | undefined)[];
    let learning: Learning;
    const ids: string[] = [];
    const learn = () => {
      learning = new Learning({
        stores: table.stores,
        clock: table.clock,
        learn: (sessionId) => table.hosting.learn(sessionId),
        onFailed: (_error, sessionId) => failed.push(sessionId),
      });
      learning.start();
    };
    beforeEach(async () => {
      failed = [];
      ids.length = 0;
      for (let i = 0; i < 5; i++) {
        const settings = (await table.hosting.read(table.sessionId))!.settings;
        const input = { campaignId: "campaign", title: `${i}`, maxParticipants: 8, settings };
        ids.push((await createdSession(table.hosting, input, GM)).sessionId);
      }
      table.backing.learned.clear();
      for (const id of ids) table.backing.people.delete(id);
    });
    afterEach(() => learning.stop());

    it("[J27] are learned one after the other once a process starts, those that run here too", async () => {
      const session = await table.open();
      await session.remove("kim", GM, { ban: true, reason: "" });
      for (const lost of [table.backing.people, table.backing.learned]) lost.clear();
      learn();
      await table.clock.advance(100);
      assert.ok(table.backing.learned.size < 6);
      await table.clock.advance(1_000);
      assert.deepEqual([...table.backing.learned].sort(), [table.sessionId, ...ids].sort());
      assert.equal(table.backing.people.get(table.sessionId)?.get("kim")?.facts.banned, true);
      assert.deepEqual(failed, []);
      const timers = table.clock.pending;
      await learning.stop();
      assert.equal(table.clock.pending, timers, "a timer is left");
    });

    it("[J27] a damaged one is told, and holds up no other; a store that fails is asked again", async () => {
      const damaged = [...ids].sort()[1]!;
      table.backing.logs.get(damaged)![0]!.json = "{}";
      table.stores.goDown();
      learn();
      await table.clock.advance(1_000);
      assert.deepEqual(failed, [undefined]);
      table.stores.recover();
      await table.clock.advance(10_000);
      assert.deepEqual(failed, [undefined, damaged]);
      assert.deepEqual(await table.stores.sessions.unlearned("", 10), [damaged]);
    });
  });
});
