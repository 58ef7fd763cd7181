import assert from "node:assert/strict";
import type { Role } from "../../src/core/session.ts";
import { shownName } from "../../src/core/shown-name.ts";
import type { HostedSession } from "../../src/live/hosted-session.ts";
import { settled } from "../support/hand-clock.ts";
import { CAMPAIGN, GM, LiveTable, type TableOptions, type Watcher } from "../support/live-table.ts";

describe("the name under which somebody is shown", () => {
  let table: LiveTable;
  let session: HostedSession;
  let watcher: Watcher;
  const begin = async (options: TableOptions = {}) => {
    table = await LiveTable.set(options);
    ({ session, watcher } = await table.live());
  };
  beforeEach(() => begin());

  /** Comes in with a token of that name. */
  async function comeAs(userId: string, name: string | null, on = session): Promise<string> {
    const visitor = { ...(await table.visitor(userId)), name };
    const reservation = on.reserve(visitor, on.presence.of(userId)?.connections ?? 0, () => false);
    assert.ok(typeof reservation !== "string", String(reservation));
    const socket = table.socket();
    const place = await on.join(reservation.id, socket);
    assert.ok(typeof place !== "string", String(place));
    return socket;
  }
  const shown = (userId: string, on = session) => on.committed.places.get(userId)?.name;
  const put = async (userId: string, role: Role, name?: string) => {
    const member = { userId, role, ...(name === undefined ? {} : { name }) };
    const campaign = await table.stores.campaigns.putMember(CAMPAIGN, member);
    assert.ok(typeof campaign === "object");
    await table.hosting.memberChanged(campaign, userId, GM);
  };

  it("[T14] is the member's, else the token's, else the id; one that cannot be seen counts as absent", () => {
    assert.equal(shownName("Kim", "Token", "kim"), "Kim");
    assert.equal(shownName(null, "Token", "kim"), "Token");
    assert.equal(shownName(undefined, null, "kim"), "kim");
    assert.equal(shownName(" \u200b", "Token", "kim"), "Token");
    assert.equal(shownName("\u0000", null, "kim"), "\u0000", "it was stored before there was a rule for that");
    assert.equal(shownName(null, "\u2060", "kim"), "kim");
  });

  it("[T15] follows the token that came last, on any device, for all and in the history", async () => {
    await comeAs("kim", "Kim");
    await comeAs("lee", null);
    assert.deepEqual([shown("kim"), shown("lee")], ["Kim", "lee"]);
    watcher.seen.length = 0;
    const laptop = await comeAs("kim", "Kimberly");
    await settled();
    assert.equal(shown("kim"), "Kimberly");
    assert.deepEqual(watcher.kinds, ["place"], "who shows it is told");
    assert.equal(session.committed.attendance.get("kim")?.name, "Kimberly");
    await comeAs("kim", "Kimberly");
    await settled();
    assert.deepEqual(watcher.kinds, ["place"], "the same name is no change");
    session.presence.disconnected("kim", laptop);
    await comeAs("kim", null);
    await settled();
    assert.equal(shown("kim"), "kim", "the token that came last has none");
    assert.deepEqual(table.kindsOf("kim"), ["participant.joined"], "a name is no event");
  });

  it("[T15] follows a token that an open connection brings", async () => {
    await comeAs("kim", "Kim");
    session.renamed("kim", "Kit");
    await settled();
    assert.equal(shown("kim"), "Kit");
    session.renamed("zed", "Zed");
    await settled();
    assert.equal(shown("zed"), undefined, "who has no place is nobody's concern");
  });

  it("[T15] is the member's wherever there is one, and changes with it at once", async () => {
    await comeAs("kim", "Kim");
    await put("kim", "player", "Sir Kim");
    assert.equal(shown("kim"), "Sir Kim");
    session.renamed("kim", "Token");
    await comeAs("kim", "Other token");
    await settled();
    assert.equal(shown("kim"), "Sir Kim");
    await put("kim", "spectator");
    assert.deepEqual([shown("kim"), session.committed.places.get("kim")?.role], ["Sir Kim", "spectator"]);
    await put("kim", "spectator", "Dame Kim");
    assert.equal(shown("kim"), "Dame Kim");
  });

  it("[T15] a member's name that cannot be seen leaves the token's", async () => {
    await put("kim", "player", "\u3000");
    await comeAs("kim", "Kim");
    assert.equal(shown("kim"), "Kim");
    await put("kim", "player", "\u200d");
    assert.equal(shown("kim"), "Kim");
  });

  it("[T15] outlives the host, also where it came by its last breath", async () => {
    await comeAs("kim", "Kim");
    session.renamed("kim", "Kit");
    await settled();
    const next = table.start("p2");
    const taken = await table.open(next.hosting);
    assert.equal(shown("kim", taken), "Kit");
    await comeAs("kim", "Kim", taken);
    await settled();
    assert.equal(shown("kim", taken), "Kim");
    assert.equal(taken.committed.attendance.get("kim")?.name, "Kim");
  });

  it("[T15] is recorded later where the store fails; what came last stands", async () => {
    await comeAs("kim", "Kim");
    table.stores.goDown();
    for (const name of ["A", "B", "C"]) session.renamed("kim", name);
    await table.clock.advance(5_000);
    assert.equal(shown("kim"), "Kim");
    table.stores.recover();
    await table.clock.advance(10_000);
    assert.equal(shown("kim"), "C");
    const names = table
      .records()
      .flatMap(({ content }) =>
        content.kind === "place" && content.change.what === "role" ? [content.change.name] : [],
      );
    assert.deepEqual(names, ["C"]);
  });

  it("[T15] a member's name that came meanwhile stands against a token's that waits for the store", async () => {
    await comeAs("kim", "Kim");
    table.stores.goDown();
    session.renamed("kim", "Token");
    await table.clock.advance(2_000);
    table.stores.recover();
    await put("kim", "player", "Sir Kim").catch(() => undefined);
    await table.clock.advance(10_000);
    assert.equal(shown("kim"), "Sir Kim");
  });

  it("[T15] nothing is tried any more once the place or the session is gone", async () => {
    const socket = await comeAs("kim", "Kim");
    await session.leave("kim", socket);
    session.renamed("kim", "Kit");
    await settled();
    await comeAs("lee", "Lee");
    table.stores.goDown();
    session.renamed("lee", "Leo");
    await table.clock.advance(1_000);
    table.stores.recover();
    await session.close("server_restarting");
    const pending = table.clock.pending;
    await table.clock.advance(60_000);
    assert.ok(table.clock.pending <= pending);
  });
});
