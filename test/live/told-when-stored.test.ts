import assert from "node:assert/strict";
import { MAX_BANS, MAX_GOOD_INVITES } from "../../src/core/ceilings.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { JournalUnavailable } from "../../src/live/journal.ts";
import { settled } from "../support/hand-clock.ts";
import { GM, LiveTable, stateOf } from "../support/live-table.ts";

/** Something that is decided and not stored yet, and what is refused because of it. */
interface UnderWay {
  /** what is under way is stored, or lost for certain */
  readonly ends: (ending?: "failed") => void;
  readonly refused: readonly Promise<unknown>[];
}

describe("a refusal that rests on what is not stored yet", () => {
  let table: LiveTable;
  let session: HostedSession;
  beforeEach(async () => {
    table = await LiveTable.set({ settings: { admission: "approve" } });
    ({ session } = await table.live());
    await table.sit(session, "gm");
    await table.clock.advance(1_000);
  });

  const asker = (userId: string) => ({ userId, name: userId, role: "player", via: "member", removal: 0 }) as const;
  const invite = () => {
    const expiresAt = table.clock.now() + 60_000;
    return session.createInvite({ role: "player", maxUses: 1, expiresAt, label: null }, GM);
  };
  const ban = (userId: string) => session.remove(userId, GM, { ban: true, reason: "" });

  /** What it rests on has been sent to the store, and gets no answer yet. */
  const underWay = async (
    first: () => Promise<unknown>,
    refused: () => readonly Promise<unknown>[],
  ): Promise<UnderWay> => {
    const held = table.stores.holdAppend();
    const outcome = first();
    outcome.catch(() => undefined);
    await held.arrived;
    return { ends: held.release, refused: refused() };
  };

  const isToldWhenStored = async (make: () => Promise<UnderWay>, expected: readonly string[]): Promise<void> => {
    const lost = await make();
    for (const refusal of lost.refused) assert.equal(await stateOf(refusal), "pending");
    lost.ends("failed");
    for (const refusal of lost.refused) await assert.rejects(refusal, JournalUnavailable);
    const stored = await make();
    for (const refusal of stored.refused) assert.equal(await stateOf(refusal), "pending");
    stored.ends();
    assert.deepEqual(await Promise.all(stored.refused), expected);
  };

  it("[J3] on the session's end: of settings, invites, knocks and answers", async () => {
    await session.waitingRoom.knock(asker("kim"), undefined);
    await isToldWhenStored(
      () =>
        underWay(
          () => session.step("terminate", GM, ""),
          () => [
            session.update({ title: "Later" }, GM),
            invite(),
            session.waitingRoom.knock(asker("lee"), undefined),
            session.waitingRoom.answer("kim", GM, "admit", null),
          ],
        ),
      ["session_ended", "session_ended", "session_ended", "session_ended"],
    );
  });

  it("[J3] on the last invite, ban or knock that may be", async () => {
    for (let n = 1; n < MAX_GOOD_INVITES; n++) await invite();
    await isToldWhenStored(() => underWay(invite, () => [invite()]), ["limit_reached"]);
    for (let n = 1; n < MAX_BANS; n++) await ban(`ban-${n}`);
    await isToldWhenStored(
      () =>
        underWay(
          () => ban("the last"),
          () => [ban("one more")],
        ),
      ["limit_reached"],
    );
    for (let n = 1; n < 100; n++) await session.waitingRoom.knock(asker(`knock-${n}`), undefined);
    const knock = (userId: string) => session.waitingRoom.knock(asker(userId), undefined);
    await isToldWhenStored(
      () =>
        underWay(
          () => knock("the last"),
          () => [knock("one more")],
        ),
      ["too_many"],
    );
  });

  it("[J3] on a knock that has just ended", async () => {
    await session.waitingRoom.knock(asker("kim"), undefined);
    await isToldWhenStored(
      () =>
        underWay(
          () => ban("kim"),
          () => [session.waitingRoom.answer("kim", GM, "admit", null)],
        ),
      ["not_found"],
    );
  });

  it("[J3] an update that another on its way makes one of nothing", async () => {
    await isToldWhenStored(
      () =>
        underWay(
          () => session.update({ title: "Later" }, GM),
          () => [session.update({ title: "Later" }, GM)],
        ),
      ["done"],
    );
  });

  it("[J3] at the door: whoever would be sent away for good is told to try again", async () => {
    await session.update({ settings: { admission: "open" } }, GM);
    const visitor = await table.visitor("kim");
    const atDoor = () => {
      const reserved = session.reserve(visitor, 0, () => false);
      if (typeof reserved === "string") return reserved;
      session.giveBack(reserved.id);
      return "reserved";
    };
    for (const [what, first, denial] of [
      ["a ban", () => ban("kim"), "banned"],
      ["a setting", () => session.update({ settings: { admission: "approve" } }, GM), "approval_needed"],
      ["fewer places", () => session.update({ maxParticipants: 1 }, GM), "session_full"],
      ["the end", () => session.step("terminate", GM, ""), "session_ended"],
    ] as const) {
      const held = table.stores.holdAppend();
      first().catch(() => undefined);
      await held.arrived;
      assert.equal(atDoor(), "unavailable", what);
      held.release("failed");
      await settled();
      assert.equal(atDoor(), "reserved", what);
      await first();
      assert.equal(atDoor(), denial, what);
      if (what === "a ban") await session.unban("kim", GM);
      if (what === "a setting") await session.update({ settings: { admission: "open" } }, GM);
      if (what === "fewer places") await session.update({ maxParticipants: 8 }, GM);
    }
  });

  it("[J3] on the way to the seat: the same", async () => {
    await session.update({ settings: { admission: "open" } }, GM);
    const coming = async () => {
      const reserved = session.reserve(await table.visitor("kim"), 0, () => false);
      assert.ok(typeof reserved !== "string");
      return await underWay(
        () => ban("kim"),
        () => [session.join(reserved.id, table.socket())],
      );
    };
    await isToldWhenStored(coming, ["banned"]);
  });
});
