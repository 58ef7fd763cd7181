import assert from "node:assert/strict";
import type { Role } from "../../src/core/session.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { JournalUnavailable } from "../../src/live/journal.ts";
import { CAMPAIGN, GM, LiveTable, stateOf, type TableOptions } from "../support/live-table.ts";

const HOUR_MS = 3_600_000;

describe("the waiting room of a session", () => {
  let table: LiveTable;
  let session: HostedSession;
  const begin = async (options: TableOptions = {}) => {
    table = await LiveTable.set({ ...options, settings: { admission: "approve", ...options.settings } });
    ({ session } = await table.live());
  };
  beforeEach(() => begin());
  const invite = async (maxUses = 5, lastsMs = HOUR_MS) => {
    const expiresAt = table.clock.now() + lastsMs;
    const made = await session.createInvite({ role: "player", maxUses, expiresAt, label: null }, GM);
    assert.ok(typeof made !== "string");
    return made;
  };
  const knock = async (userId: string, via: "member" | `invite:${string}` = "member", message?: string) => {
    const asker = { userId, name: userId, role: "player", via, removal: 0 } as const;
    const taken = await session.waitingRoom.knock(asker, message);
    return typeof taken === "string" ? taken : `${taken.status}${taken.isNew ? "" : ", again"}`;
  };
  const answer = (userId: string, what: "admit" | "deny", reason: string | null = null) =>
    session.waitingRoom.answer(userId, GM, what, reason);
  const waits = () => session.waitingRoom.listed().map(({ userId }) => userId);
  const come = async (userId: string, token?: string) => {
    const came = await table.come(session, userId, token);
    return typeof came === "string" ? came : "in";
  };
  const memberChanged = async (userId: string, role: Role | undefined, removal = 0) => {
    const member = role === undefined ? undefined : { userId, role, name: null };
    await session.memberChanged(userId, { member, removal }, GM);
    await table.clock.advance(0);
  };

  it("[V40] nobody but a GM gets in without being admitted; who has a place is never asked about", async () => {
    assert.equal(await come("gm"), "in");
    assert.equal(await come("kim"), "approval_needed");
    const { token } = await invite();
    assert.equal(await come("ana", token), "approval_needed");
    assert.equal(session.committed.invites.values().next().value?.uses, 0);
    assert.equal(await come("nobody"), "not_found");
    await session.update({ settings: { admission: "open" } }, GM);
    assert.equal(await come("kim"), "in");
    await session.update({ settings: { admission: "approve" } }, GM);
    assert.equal(await come("kim"), "in", "a second device");
    assert.equal(await come("lee"), "approval_needed");
  });

  it("[V40] who was on the way in when the door closed is not let in", async () => {
    await session.update({ settings: { admission: "open" } }, GM);
    const reservation = session.reserve(await table.visitor("kim"), 0, () => false);
    assert.ok(typeof reservation !== "string");
    await session.update({ settings: { admission: "approve" } }, GM);
    assert.equal(await session.join(reservation.id, table.socket()), "approval_needed");
    assert.equal(session.committed.places.size, 0);
  });

  it("[V41] [V43] knock, deny, knock, admit, join: each recorded before it is told, denial and admission audited", async () => {
    assert.equal(await knock("kim", "member", "me"), "waiting");
    assert.equal(await knock("kim"), "waiting, again");
    assert.deepEqual(waits(), ["kim"]);
    assert.equal(await answer("kim", "deny", "not tonight"), "done");
    assert.equal(await answer("kim", "deny", "never"), "done");
    assert.equal(session.committed.knocks.get("kim")?.reason, "not tonight", "the first answer is the one that counts");
    assert.deepEqual([waits(), await come("kim")], [[], "approval_needed"]);
    assert.equal(await knock("kim"), "denied, again");
    await table.clock.advance(30_000);
    assert.equal(await knock("kim"), "waiting, again");
    for (let n = 0; n < 2; n++) assert.equal(await answer("kim", "admit"), "done");
    assert.equal(await knock("kim"), "admitted, again");
    assert.equal(await come("kim"), "in");
    assert.deepEqual(table.kindsOf("kim"), ["participant.denied", "participant.admitted", "participant.joined"]);
    assert.ok(!JSON.stringify(table.events()).includes("not tonight"));
    assert.equal(await answer("nobody", "admit"), "not_found");
  });

  it("[V44] twenty admitted at once for six places give six", async () => {
    const people = Array.from({ length: 20 }, (_, n) => `p${n}`);
    await begin({ maxParticipants: 7, members: Object.fromEntries(people.map((userId) => [userId, "player"])) });
    assert.equal(await come("gm"), "in");
    for (const userId of people) assert.equal(await knock(userId), "waiting");
    await Promise.all(people.map((userId) => answer(userId, "admit")));
    const came = await Promise.all(people.map((userId) => come(userId)));
    assert.equal(came.filter((one) => one === "in").length, 6);
    assert.equal(came.filter((one) => one === "session_full").length, 14);
    const left = people.find((_, n) => came[n] === "in")!;
    await session.leave(left, "socket-2");
    assert.equal(session.committed.places.size, 6);
    assert.equal(await come(people.find((_, n) => came[n] !== "in")!), "in", "they stay admitted");
  });

  it("[V44] a removal takes the admission back, of somebody who has not joined, too", async () => {
    for (const userId of ["kim", "lee"]) {
      await knock(userId);
      await answer(userId, "admit");
    }
    assert.equal(await come("kim"), "in");
    for (const userId of ["kim", "lee"]) {
      await session.remove(userId, GM, { ban: false, reason: "" });
      assert.equal(await come(userId), "approval_needed");
    }
  });

  it("[V46] an invite that is revoked, used up or expired ends the knocks that came by it", async () => {
    for (const how of ["revoked", "used up", "expired"] as const) {
      await begin();
      const { invite: made, token } = await invite(1, 30_000);
      const via = `invite:${made.id}` as const;
      for (const userId of ["ana", "ben"]) assert.equal(await knock(userId, via), "waiting");
      await knock("kim");
      await answer("ben", "admit");
      if (how === "revoked") await session.revokeInvite(made.id, GM, false);
      if (how === "used up") assert.equal(await come("ben", token), "in");
      if (how === "expired") await table.clock.advance(30_000);
      assert.deepEqual(waits(), ["kim"], how);
      assert.equal(await answer("ana", "admit"), "not_found");
      await table.clock.advance(0);
      assert.equal(session.committed.knocks.has("ana"), false, how);
    }
  });

  it("[V46] a change of the campaign's members: gone with them, another role, a GM is admitted", async () => {
    const { invite: made } = await invite();
    for (const userId of ["kim", "lee"]) await knock(userId);
    for (const userId of ["ana", "ben"]) await knock(userId, `invite:${made.id}`);
    await memberChanged("kim", undefined, 1);
    await memberChanged("lee", "spectator");
    await memberChanged("ana", "gm");
    await memberChanged("ben", "player");
    assert.deepEqual(waits(), ["lee", "ben"]);
    assert.equal(session.committed.knocks.get("lee")?.role, "spectator");
    assert.equal(session.committed.knocks.get("ana")?.status, "admitted");
    assert.equal(session.committed.knocks.get("ben")?.via, "member");
    await memberChanged("ben", undefined, 2);
    assert.deepEqual(waits(), ["lee"], "the invite is older than their removal");
    assert.deepEqual(table.kindsOf("ana"), [], "no GM admitted them");
  });

  it("[V46] what ended while the session did not run is found at its opening", async () => {
    const short = await invite(5, 60_000);
    await knock("kim");
    await knock("lee");
    await knock("ana", `invite:${short.invite.id}`);
    await session.close("idle");
    await table.stores.campaigns.removeMember(CAMPAIGN, "kim");
    await table.clock.advance(60_000);
    session = await table.open();
    await table.clock.advance(1_000);
    assert.deepEqual([...session.committed.knocks.keys()], ["lee"]);
  });

  it("[V47] survives the host's death, is noted beside the log and not shown as held by anybody", async () => {
    await knock("kim", "member", "it's me");
    await knock("lee");
    await answer("lee", "admit");
    const before = [...session.committed.knocks.values()];
    const door = async (userId: string) => {
      const found = await table.start("another").hosting.door(table.sessionId, userId);
      return found?.list.knocks.get(userId)?.status;
    };
    assert.deepEqual([await door("kim"), await door("lee"), await door("gm")], ["waiting", "admitted", undefined]);
    table.process = table.start("p2");
    session = await table.open();
    assert.deepEqual([...session.committed.knocks.values()], before);
    assert.deepEqual([await come("kim"), await come("lee")], ["approval_needed", "in"]);
    await session.update({ settings: { admission: "open" } }, GM);
    assert.equal(await door("kim"), "admitted");
    await session.step("terminate", GM, "");
    assert.equal(await door("kim"), undefined);
  });

  it("[V47] what is not known to be recorded is told to nobody", async () => {
    const held = table.stores.holdAppend();
    const asking = knock("kim");
    await held.arrived;
    const again = knock("kim");
    assert.deepEqual([await stateOf(asking), await stateOf(again), waits()], ["pending", "pending", []]);
    held.release("failed");
    await assert.rejects(asking, JournalUnavailable);
    await assert.rejects(again, JournalUnavailable);
    assert.equal(session.committed.knocks.size, 0);
    assert.equal(await knock("kim"), "waiting");
    table.stores.goDown();
    await assert.rejects(answer("kim", "admit"), JournalUnavailable);
    assert.equal(session.committed.knocks.get("kim")?.status, "waiting");
  });

  it("[V47] the end of what let somebody ask is recorded later where the store fails", async () => {
    const { invite: made } = await invite(5, 30_000);
    await knock("ana", `invite:${made.id}`);
    const held = table.stores.holdAppend();
    await table.clock.advance(30_000);
    await held.arrived;
    held.release("failed");
    await table.clock.advance(2_000);
    assert.equal(session.committed.knocks.size, 0);
  });

  it("[V48] costs nothing while nobody waits; a wait for an answer keeps the session open, a knock alone does not", async () => {
    await begin({ settings: { snapshotEvery: 600 } });
    const pending = table.clock.pending;
    await knock("kim");
    await answer("kim", "admit");
    await table.clock.advance(0);
    assert.equal(table.clock.pending, pending);
    await knock("lee");
    const release = session.waitingRoom.hold();
    await table.clock.advance(120_000);
    assert.equal(session.open, true);
    release();
    await table.clock.advance(60_000);
    assert.equal(session.open, false);
    session = await table.open();
    assert.deepEqual(waits(), ["lee"]);
  });
});
