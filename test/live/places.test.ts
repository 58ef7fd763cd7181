import assert from "node:assert/strict";
import type { Actor } from "../../src/core/session.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { JournalUnavailable } from "../../src/live/journal.ts";
import { CAMPAIGN, GM, LiveTable, type TableOptions, type Watcher } from "../support/live-table.ts";

const HOUR_MS = 3_600_000;

describe("places", () => {
  let table: LiveTable;
  let session: HostedSession;
  let watcher: Watcher;
  const begin = async (options: TableOptions = {}) => {
    table = await LiveTable.set(options);
    ({ session, watcher } = await table.live());
  };
  beforeEach(() => begin());
  const drop = (userId: string, socket: string) => session.presence.disconnected(userId, socket);
  const hasPlace = (userId: string) => session.committed.places.has(userId);
  const invite = async () => {
    const expiresAt = table.clock.now() + HOUR_MS;
    const made = await session.createInvite({ role: "player", maxUses: 9, expiresAt, label: null }, GM);
    assert.notEqual(made, "session_ended");
    return made as Exclude<typeof made, string>;
  };
  const changeMember = async (userId: string, role: Actor["role"] | undefined) => {
    const { campaigns } = table.stores;
    const campaign =
      role === undefined
        ? await campaigns.removeMember(CAMPAIGN, userId)
        : await campaigns.putMember(CAMPAIGN, { userId, role });
    assert.ok(typeof campaign === "object");
    await table.hosting.memberChanged(campaign, userId, GM);
  };

  describe("[V4] leaving and the window", () => {
    it("[V4] ends with the leave of the last open connection, though another sits in its window", async () => {
      const [phone, laptop, third] = [
        await table.sit(session, "kim"),
        await table.sit(session, "kim"),
        await table.sit(session, "kim"),
      ];
      drop("kim", third);
      await session.leave("kim", phone);
      assert.ok(hasPlace("kim"));
      await session.leave("kim", laptop);
      assert.ok(!hasPlace("kim"));
      assert.equal(session.presence.of("kim"), undefined);
      await table.clock.advance(1_000);
      assert.deepEqual(table.kindsOf("kim"), ["participant.joined", "participant.left"]);
    });

    it("[V4] a drop keeps it for the window; back in time it is the same place", async () => {
      const socket = await table.sit(session, "kim");
      const { joinedAt } = session.committed.places.get("kim")!;
      await table.clock.advance(5_000);
      drop("kim", socket);
      await table.clock.advance(59_000);
      await table.sit(session, "kim");
      await table.clock.advance(10_000);
      assert.equal(session.committed.places.get("kim")?.joinedAt, joinedAt);
      assert.deepEqual(table.kindsOf("kim"), ["participant.joined", "participant.dropped", "participant.reconnected"]);
    });

    it("[V4] it ends with the window, once", async () => {
      const socket = await table.sit(session, "kim");
      drop("kim", socket);
      await table.clock.advance(59_999);
      assert.ok(hasPlace("kim"));
      await table.clock.advance(1);
      assert.ok(!hasPlace("kim"));
      await table.clock.advance(120_000);
      const left = table.events().filter(({ kind }) => kind === "participant.left");
      assert.deepEqual(
        left.map(({ actor }) => actor),
        [{ userId: "kim", via: "member" }],
      );
    });

    it("[V10] a changed `reconnectWindow` counts for later drops", async () => {
      const [kim, lee] = [await table.sit(session, "kim"), await table.sit(session, "lee")];
      drop("kim", kim);
      await session.update({ settings: { reconnectWindow: 5 } }, GM);
      drop("lee", lee);
      await table.clock.advance(5_000);
      assert.deepEqual([hasPlace("kim"), hasPlace("lee")], [true, false]);
      await table.clock.advance(55_000);
      assert.ok(!hasPlace("kim"));
    });

    it("[V10] an end of a window that cannot be recorded is tried again, unless they are back", async () => {
      const [kim, lee] = [await table.sit(session, "kim"), await table.sit(session, "lee")];
      drop("kim", kim);
      drop("lee", lee);
      await table.clock.advance(59_000);
      table.stores.goDown();
      await table.clock.advance(5_000);
      table.stores.recover();
      // Between two tries lee comes back and is lost again: that is a full window of its own.
      const again = await table.sit(session, "lee");
      drop("lee", again);
      await table.clock.advance(10_000);
      assert.deepEqual([hasPlace("kim"), hasPlace("lee")], [false, true]);
    });

    it("[V10] a leave that cannot be recorded is a drop", async () => {
      const socket = await table.sit(session, "kim");
      table.stores.failAppend();
      await assert.rejects(session.leave("kim", socket), JournalUnavailable);
      assert.equal(session.presence.of("kim")?.presence, "disconnected");
      assert.ok(hasPlace("kim"));
      await table.clock.advance(61_000);
      assert.ok(!hasPlace("kim"));
    });

    it("[V10] a leave of a connection that is no longer known ends nothing", async () => {
      const old = await table.sit(session, "kim");
      await table.sit(session, "kim");
      drop("kim", old);
      await session.leave("kim", old);
      assert.ok(hasPlace("kim"));
    });
  });

  describe("[V11] removing and banning", () => {
    it("[V11] removal frees the place and closes; they may come again", async () => {
      await table.sit(session, "kim");
      await session.remove("kim", GM, { ban: false, reason: "late" });
      assert.deepEqual(watcher.evictions, [["kim", "removed"]]);
      assert.ok(!hasPlace("kim"));
      const removed = table.events().find(({ kind }) => kind === "participant.removed");
      assert.deepEqual([removed?.actor.userId, removed?.data], ["gm", { userId: "kim", reason: "late" }]);
      await table.sit(session, "kim");
    });

    it("[V11] a ban holds until it is lifted, also of somebody who is not in; twice changes nothing", async () => {
      await session.remove("kim", GM, { ban: true, reason: "" });
      await session.remove("kim", GM, { ban: true, reason: "" });
      assert.equal(await table.come(session, "kim"), "banned");
      await session.unban("kim", GM);
      await session.unban("kim", GM);
      await table.sit(session, "kim");
      await table.clock.advance(1_000);
      assert.deepEqual(table.kindsOf("kim"), ["participant.banned", "participant.unbanned", "participant.joined"]);
    });

    it("[V11] somebody banned who has a place all the same can be banned again", async () => {
      await session.remove("lee", GM, { ban: true, reason: "" });
      await changeMember("lee", "gm");
      await table.sit(session, "lee");
      await changeMember("lee", "player");
      await session.remove("lee", GM, { ban: true, reason: "" });
      assert.ok(!hasPlace("lee"));
    });

    it("[V11] a ban that is recorded late closes them then", async () => {
      await table.sit(session, "kim");
      table.stores.loseAnswer();
      await assert.rejects(session.remove("kim", GM, { ban: true, reason: "" }), JournalUnavailable);
      assert.deepEqual(watcher.evictions, []);
      await table.clock.advance(2_000);
      assert.deepEqual(watcher.evictions, [["kim", "banned"]]);
    });
  });

  it("[V11] a drop while the removal is on its way belongs to the old place, not to the next", async () => {
    const socket = await table.sit(session, "kim");
    const held = table.stores.holdAppend();
    const removed = session.remove("kim", GM, { ban: false, reason: "" });
    await held.arrived;
    const back = table.sit(session, "kim");
    drop("kim", socket);
    held.release();
    await Promise.all([removed, back]);
    await table.clock.advance(1_000);
    assert.deepEqual(table.kindsOf("kim"), ["participant.joined", "participant.removed", "participant.joined"]);
    assert.notEqual(session.committed.attendance.get("kim")?.onlineSince, null);
  });

  describe("[V12] revoking", () => {
    it("[V12] admits nobody any more, those who came by it included; who is in stays", async () => {
      const { invite: made, token } = await invite();
      const socket = await table.sit(session, "ana", token);
      assert.equal(await session.revokeInvite(made.id, GM, false), "done");
      assert.ok(hasPlace("ana"));
      assert.equal(await table.come(session, "ben", token), "not_found");
      await session.leave("ana", socket);
      assert.equal(await table.come(session, "ana", token), "not_found");
      assert.equal(await session.revokeInvite("nothing", GM, false), "not_found");
    });

    it("[V12] with `disconnect` closes who came by it, also when it was revoked before", async () => {
      const { invite: made, token } = await invite();
      await table.sit(session, "ana", token);
      await table.sit(session, "kim", token);
      await session.revokeInvite(made.id, GM, false);
      await session.revokeInvite(made.id, GM, true);
      assert.deepEqual(watcher.evictions, [["ana", "access_revoked"]]);
      assert.deepEqual([hasPlace("ana"), hasPlace("kim")], [false, true]);
      assert.equal(table.events().filter(({ kind }) => kind === "invite.revoked").length, 1);
    });
  });

  describe("[V13] membership", () => {
    it("[V13] lost: the place ends and the connections close", async () => {
      await table.sit(session, "kim");
      await changeMember("kim", undefined);
      assert.deepEqual(watcher.evictions, [["kim", "access_revoked"]]);
      assert.ok(!hasPlace("kim"));
      assert.equal(await table.come(session, "kim"), "not_found");
    });

    it("[V13] another role acts at once, and is audited", async () => {
      await table.sit(session, "kim");
      await changeMember("kim", "spectator");
      assert.equal(session.committed.places.get("kim")?.role, "spectator");
      const changed = table.events().find(({ kind }) => kind === "participant.role");
      assert.deepEqual(changed?.data, { userId: "kim", role: "spectator", was: "player" });
    });

    it("[V13] an invitee who becomes a member is in as one", async () => {
      const { invite: made, token } = await invite();
      await table.sit(session, "ana", token);
      await changeMember("ana", "player");
      assert.equal(session.committed.places.get("ana")?.via, "member");
      await session.revokeInvite(made.id, GM, true);
      assert.ok(hasPlace("ana"));
    });

    it("[V13] what could not be recorded is made up for", async () => {
      await table.sit(session, "kim");
      table.stores.failAppend();
      await assert.rejects(changeMember("kim", undefined), JournalUnavailable);
      assert.ok(hasPlace("kim"));
      await table.clock.advance(2_000);
      assert.ok(!hasPlace("kim"));
      assert.deepEqual(watcher.evictions, [["kim", "access_revoked"]]);
    });
  });

  describe("[V16] the end of the session", () => {
    it("[V16] ends every place, once; what their sockets do after it is told to nobody", async () => {
      const socket = await table.sit(session, "kim");
      await table.sit(session, "lee");
      await session.step("terminate", GM, "");
      assert.equal(session.presence.of("kim"), undefined);
      assert.equal(session.committed.places.size, 0);
      await table.clock.advance(0);
      drop("kim", socket);
      await table.clock.advance(2_000);
      assert.deepEqual(watcher.closings, ["session_ended"]);
      assert.deepEqual(table.kindsOf("kim"), ["participant.joined", "participant.left"]);
      assert.deepEqual(table.kindsOf("lee"), ["participant.joined", "participant.left"]);
    });
  });

  it("[V17] `online` counts people who are online or idle", async () => {
    const online = () => table.hosting.online(table.sessionId);
    assert.equal(online(), 0);
    const phone = await table.sit(session, "kim");
    await table.sit(session, "kim");
    const lee = await table.sit(session, "lee");
    assert.equal(online(), 2);
    await table.clock.advance(121_000);
    assert.equal(session.presence.of("lee")?.presence, "idle");
    assert.equal(online(), 2);
    drop("lee", lee);
    drop("kim", phone);
    assert.equal(online(), 1);
  });
});
