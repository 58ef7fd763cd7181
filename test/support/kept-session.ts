import { writeSnapshot } from "../../src/core/snapshot.ts";
import { accessRowsOf, rowOf } from "../../src/live/row.ts";
import type { Stores } from "../../src/ports/stores.ts";
import { START, WrittenLog } from "./written-log.ts";

/** What leads to the session by the link of an invite. */
export function lookupOf(sessionId: string, inviteId: string): string {
  return `${inviteId} of ${sessionId}`;
}

/** Positions of what `keepSession` keeps. */
export const KEPT = { olderSnapshot: 8, newerSnapshot: 14, last: 18 } as const;

/**
 * Keeps a campaign (`c1`) with a session (`s1`) in stores that have none such: a log of 18 records with audit events, commands,
 * people and two invites, snapshots at 8 and 14, as a host leaves it.
 * @param trimmed whether the log is trimmed up to the older snapshot, as a host does with the second one
 */
export async function keepSession(
  stores: Stores,
  { trimmed = true, sessionId = "s1", campaignId = "c1" } = {},
): Promise<WrittenLog> {
  const members = [
    { userId: "gm", name: "Gail", role: "gm" as const },
    { userId: "kim", name: null, role: "player" as const },
  ];
  await stores.campaigns.create({ id: campaignId, name: "Campaign", createdAt: START, members });
  const log = WrittenLog.begun({ campaignId }, sessionId);
  let kept = 0;
  const keep = async () => {
    const access = accessRowsOf(log.state);
    await stores.log.append(log.records.slice(kept), { row: rowOf(log.state), access, isWhole: true });
    kept = log.records.length;
  };
  const snapshot = async () => {
    await keep();
    await stores.snapshots.save({ sessionId, pos: log.state.pos, ...writeSnapshot(log.state) });
  };
  log.opened("p1");
  log.invited("i1", { maxUses: 3, tokenHash: lookupOf(sessionId, "i1") });
  await keep();
  log.write({ kind: "status", status: "live", by: "gm", reason: "" }, [{ kind: "session.started", by: "gm" }]);
  log.joined("kim");
  log.joined("lee", { inviteId: "i1" });
  log.after(1).command("kim", [["shared/secret", '"sesame"']]);
  log.happened("participant.idle", "kim", { userId: "kim" });
  await snapshot();
  log.after(1).command("lee", [["shared/hp", "7"]]);
  log.command("kim", [["shared/secret", null]]);
  log.happened("participant.online", "kim", { userId: "kim" });
  log.invited("i2", { tokenHash: lookupOf(sessionId, "i2") });
  await keep();
  log.after(5).opened("p2", [{ kind: "host.changed", by: null, data: { epoch: 2 } }]);
  log.command("kim", [["shared/hp", "6"]]);
  await snapshot();
  if (trimmed) {
    await stores.snapshots.dropBefore(sessionId, KEPT.olderSnapshot);
    await stores.log.trim(sessionId, KEPT.olderSnapshot);
  }
  log.happened("participant.idle", "lee", { userId: "lee" });
  log.after(2).command("lee", [["shared/hp", "5"]]);
  log.write({ kind: "settings", title: "Second evening" }, [{ kind: "session.updated", by: "gm" }]);
  log.command("kim", [["players/kim/gold", "3"]]);
  await keep();
  return log;
}
