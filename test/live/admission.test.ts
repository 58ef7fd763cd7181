import assert from "node:assert/strict";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { CAMPAIGN, GM, LiveTable, stateOf, type TableOptions } from "../support/live-table.ts";

const HOUR_MS = 3_600_000;

describe("admission", () => {
  let table: LiveTable;
  let session: HostedSession;
  const begin = async (options: TableOptions = {}) => {
    table = await LiveTable.set(options);
    ({ session } = await table.live());
  };
  beforeEach(() => begin());
  const invite = async (maxUses: number, lastsMs = HOUR_MS) => {
    const expiresAt = table.clock.now() + lastsMs;
    const made = await session.createInvite({ role: "player", maxUses, expiresAt, label: null }, GM);
    assert.notEqual(made, "session_ended");
    return made as Exclude<typeof made, string>;
  };
  const reserve = async (userId: string, token?: string, open = 0, closeSilent = () => false) =>
    session.reserve(await table.visitor(userId, token), open, closeSilent);
  const reserved = async (userId: string, token?: string) => {
    const reservation = await reserve(userId, token);
    if (typeof reservation === "string") assert.fail(reservation);
    return reservation;
  };

  it("[V1] races for the last places let in exactly as many people as there are places, and every GM", async () => {
    await begin({ maxParticipants: 3, members: { a: "player", b: "player", c: "player", d: "player", gm2: "gm" } });
    const people = ["a", "b", "c", "d", "gm", "gm2", "a", "b"];
    const came = await Promise.all(people.map((userId) => table.come(session, userId)));
    assert.deepEqual(
      came.map((one) => (typeof one === "string" ? one : "in")),
      ["in", "in", "in", "session_full", "in", "in", "in", "in"],
    );
    assert.equal(session.committed.places.size, 5);
  });

  it("[V1] a place on its way out that stays after all is not given twice", async () => {
    await begin({ maxParticipants: 1 });
    const socket = await table.sit(session, "kim");
    const held = table.stores.holdAppend();
    const left = assert.rejects(session.leave("kim", socket));
    await held.arrived;
    const { id } = await reserved("lee");
    held.release("failed");
    await left;
    assert.equal(await session.join(id, table.socket()), "session_full");
    assert.deepEqual([...session.committed.places.keys()], ["kim"]);
  });

  it("[V3] an invite admits as many people as it has uses, under a race; each once", async () => {
    const { invite: made, token } = await invite(2);
    const people = ["ana", "ben", "ana", "cid", "dan"];
    const came = await Promise.all(people.map((userId) => table.come(session, userId, token)));
    assert.deepEqual(
      came.map((one) => (typeof one === "string" ? one : one.place.via)),
      [`invite:${made.id}`, `invite:${made.id}`, `invite:${made.id}`, "not_found", "not_found"],
    );
    assert.equal(session.committed.invites.get(made.id)?.uses, 2);
  });

  it("[V3] a member who brings an invite uses none, and their campaign role counts", async () => {
    const { invite: made, token } = await invite(1);
    const came = await table.come(session, "gm", token);
    assert.ok(typeof came !== "string" && came.place.role === "gm" && came.place.via === "member");
    assert.equal(session.committed.invites.get(made.id)?.uses, 0);
  });

  it("[V3] a refused join uses none; who came by it comes back without it, also after it expired", async () => {
    await table.sit(session, "kim");
    const { token } = await invite(1, 60_000);
    const socket = await table.sit(session, "ana", token);
    assert.equal(await table.come(session, "ben", token), "not_found");
    await session.leave("ana", socket);
    await table.clock.advance(60_000);
    await table.sit(session, "ana");
    assert.equal(await table.come(session, "ben", token), "not_found");
  });

  it("[V3] somebody on their way in whom the invite counts already keeps nobody out", async () => {
    const first = await invite(2);
    const second = await invite(1);
    await session.leave("ana", await table.sit(session, "ana", first.token));
    // By the second she is in now; it is revoked, so that she has to bring the first, which counts her already.
    const socket = await table.sit(session, "ana", second.token);
    await session.leave("ana", socket);
    await session.revokeInvite(second.invite.id, GM, false);
    const bring = await reserve("ana", first.token);
    assert.notEqual(typeof bring, "string");
    assert.notEqual(typeof (await reserve("ben", first.token)), "string");
  });

  it("[V5] a reservation holds the place and the use for 10 s, and counts as a connection", async () => {
    await begin({ maxParticipants: 2, settings: { connectionsPerParticipant: 1 } });
    const { token } = await invite(1);
    const { id } = await reserved("ana", token);
    assert.equal(await reserve("ana", token), "too_many_connections");
    assert.equal(await reserve("ben", token), "not_found");
    await reserved("kim");
    assert.equal(await reserve("lee"), "session_full");
    await table.clock.advance(9_999);
    assert.equal(await reserve("lee"), "session_full");
    await table.clock.advance(1);
    await reserved("lee");
    assert.equal(await session.join(id, table.socket()), "expired");
    await reserved("ben", token);
  });

  it("[V5] a reservation is taken up once, and can be given back", async () => {
    const { id } = await reserved("kim");
    assert.notEqual(typeof (await session.join(id, table.socket())), "string");
    assert.equal(await session.join(id, table.socket()), "expired");
    const other = await reserved("lee");
    session.giveBack(other.id);
    assert.equal(await session.join(other.id, table.socket()), "expired");
  });

  it("[V6] where several denials hold, 404, 403, 410, 429, 409, 503 in this order", async () => {
    await begin({ maxParticipants: 1, settings: { connectionsPerParticipant: 1 } });
    const { token } = await invite(1);
    await table.sit(session, "kim");
    assert.equal(await reserve("kim", undefined, 1), "too_many_connections");
    assert.equal(await reserve("lee", undefined, 1), "too_many_connections", "before session_full");
    table.stores.goUnknown(false);
    await assert.rejects(session.update({ title: "Other" }, GM));
    assert.equal(await reserve("stranger"), "not_found");
    assert.equal(await reserve("lee"), "session_full");
    assert.equal(await reserve("kim"), "unavailable");
    table.stores.recover();
    await table.clock.advance(2_000);
    await session.remove("ana", GM, { ban: true, reason: "" });
    assert.equal(await reserve("ana", token, 9), "banned");
    await session.step("terminate", GM, "");
    assert.equal(await reserve("stranger"), "not_found");
    assert.equal(await reserve("ana", token), "banned");
    assert.equal(await reserve("lee", undefined, 9), "session_ended");
  });

  it("[V6] a silent connection makes room for a new one", async () => {
    await begin({ settings: { connectionsPerParticipant: 1 } });
    await table.sit(session, "kim");
    assert.notEqual(typeof (await reserve("kim", undefined, 1, () => true)), "string");
  });

  it("[V9] two first joins of one person take one place; the second waits for it", async () => {
    const [one, two] = [await reserved("kim"), await reserved("kim")];
    const held = table.stores.holdAppend();
    const first = session.join(one.id, "s1");
    const second = session.join(two.id, "s2");
    await held.arrived;
    assert.equal(await stateOf(second), "pending");
    held.release();
    assert.deepEqual(await first, await second);
    await table.clock.advance(1_000);
    assert.deepEqual(table.kindsOf("kim"), ["participant.joined"]);
    assert.equal(session.presence.of("kim")?.connections, 2);
    assert.equal(session.committed.attendance.get("kim")?.connections, 2);
  });

  it("[V9] a first join that fails is tried by the second, within the place and the use they reserved", async () => {
    await begin({ maxParticipants: 1 });
    const [one, two] = [await reserved("kim"), await reserved("kim")];
    const held = table.stores.holdAppend();
    const first = assert.rejects(session.join(one.id, "s1"));
    const second = session.join(two.id, "s2");
    await held.arrived;
    held.release("failed");
    await first;
    assert.equal(await reserve("lee"), "session_full");
    assert.notEqual(typeof (await second), "string");
  });

  it("[V9] between the failure of the first and the try of the second nobody else gets the place", async () => {
    await begin({ maxParticipants: 1 });
    const [one, two, lee] = [await reserved("kim"), await reserved("kim"), await table.visitor("lee")];
    const held = table.stores.holdAppend();
    // Its failure is told first: whoever is quick enough asks before kim's second device could try.
    const quick = session.update({ title: "Other" }, GM).catch(() => session.reserve(lee, 0, () => false));
    await held.arrived;
    const first = assert.rejects(session.join(one.id, "s1"));
    const second = session.join(two.id, "s2");
    held.release("failed");
    assert.equal(await quick, "session_full");
    await first;
    assert.notEqual(typeof (await second), "string");
  });

  it("[V9] a place that was recorded although nobody could be told has a window, and ends with it", async () => {
    const { id } = await reserved("kim");
    table.stores.loseAnswer();
    await assert.rejects(session.join(id, "s1"));
    await table.clock.advance(2_000);
    assert.equal(session.committed.places.size, 1);
    assert.equal(session.presence.of("kim")?.presence, "disconnected");
    await table.clock.advance(60_000);
    assert.equal(session.committed.places.size, 0);
    await table.clock.advance(1_000);
    assert.deepEqual(table.kindsOf("kim"), ["participant.joined", "participant.dropped", "participant.left"]);
  });

  it("[V9] a place whose removal failed, while its person was coming in again, has a window", async () => {
    const { id } = await reserved("kim");
    const joined = table.stores.holdAppend();
    const coming = assert.rejects(session.join(id, "s1"));
    await joined.arrived;
    const removed = assert.rejects(session.remove("kim", GM, { ban: false, reason: "" }));
    const removal = table.stores.holdAppend();
    joined.release();
    await removal.arrived;
    removal.release("failed");
    await Promise.all([coming, removed]);
    assert.equal(session.presence.of("kim")?.presence, "disconnected");
    await table.clock.advance(60_000);
    assert.equal(session.committed.places.size, 0);
  });

  it("[V13] membership that was lost or changed on the way in counts at the join", async () => {
    const { campaigns } = table.stores;
    const [kim, lee] = [await reserved("kim"), await reserved("lee")];
    const without = await campaigns.removeMember(CAMPAIGN, "kim");
    assert.ok(typeof without === "object");
    await table.hosting.memberChanged(without, "kim", GM);
    const changed = await campaigns.putMember(CAMPAIGN, { userId: "lee", role: "spectator" });
    assert.ok(typeof changed === "object");
    await table.hosting.memberChanged(changed, "lee", GM);
    assert.equal(await session.join(kim.id, "s1"), "not_found");
    const place = await session.join(lee.id, "s2");
    assert.ok(typeof place !== "string" && place.role === "spectator");
  });

  it("[V13] membership that was read just before it was lost is not good any more", async () => {
    const readBefore = await table.visitor("kim");
    const without = await table.stores.campaigns.removeMember(CAMPAIGN, "kim");
    assert.ok(typeof without === "object");
    await table.hosting.memberChanged(without, "kim", GM);
    assert.equal(
      session.reserve(readBefore, 0, () => false),
      "not_found",
    );
  });

  it("[V11] a ban or a revocation on the way in counts at the join", async () => {
    const { invite: made, token } = await invite(2);
    const [kim, ana] = [await reserved("kim"), await reserved("ana", token)];
    await session.remove("kim", GM, { ban: true, reason: "" });
    await session.revokeInvite(made.id, GM, false);
    assert.equal(await session.join(kim.id, "s1"), "banned");
    assert.equal(await session.join(ana.id, "s2"), "not_found");
  });
});
