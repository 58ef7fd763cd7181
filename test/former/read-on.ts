import assert from "node:assert/strict";
import { verifyChain } from "../../src/core/audit.ts";
import { writeSnapshot } from "../../src/core/snapshot.ts";
import type { SessionState } from "../../src/core/state.ts";
import type { Stores } from "../../src/ports/stores.ts";
import { GM, LiveTable, seqOf, set } from "../support/live-table.ts";
import { OUTCOME, SESSION, TOKEN_HASH } from "./evening.ts";

/** Today's server at the evening's table, on the stores that have it. */
export function tableOn(stores: Stores, processId: string): LiveTable {
  const table = new LiveTable({});
  table.sessionId = SESSION;
  table.process = table.startWith(processId, stores);
  return table;
}

/** The state is what the evening came to. */
export function assertOutcome(state: SessionState | undefined): void {
  assert.ok(state !== undefined);
  const found = JSON.parse(writeSnapshot(state).text);
  // Whose place was taken from them is known of records that were read, not of those before a former snapshot.
  for (const [, person] of found.attendance) delete person.evicted;
  for (const [field, value] of Object.entries(OUTCOME)) assert.deepEqual(found[field], value, field);
}

/**
 * Reads the evening, goes on with it, and reads it again after a restart: state, audit chain, answers, and whatever is
 * looked up beside them.
 * @param reopen closes the stores and opens them anew
 * @param told what is told of damage on the way, in order
 */
export async function readAndGoOn(
  stores: Stores,
  reopen: () => Promise<Stores>,
  told: readonly RegExp[],
): Promise<void> {
  const before = tableOn(stores, "life-1");
  assertOutcome(await before.hosting.read(SESSION));
  for (const [i, problem] of told.entries()) assert.match(before.process.problems[i] ?? "nothing", problem);
  assert.equal(before.process.problems.length, told.length);
  await assertLookedUp(stores);
  await assertLearned(before, stores);

  const session = await before.open();
  assert.equal(session.committed.epoch, 2);
  assert.deepEqual(await session.desk.submit("kim", set("k1", "shared/gold", 99)), { seq: 1, duplicate: true });
  assert.deepEqual(await session.desk.submit("lee", set("l1", "shared/gold", 99)), {
    seq: 2,
    duplicate: true,
    result: 15,
  });
  assert.equal(await session.step("resume", GM, ""), "done");
  await before.sit(session, "kim");
  assert.equal(await seqOf(session.desk.submit("kim", set("k3", "shared/silver", 3))), 5);
  await session.snapshot();
  assert.equal(await seqOf(session.desk.submit("kim", set("k4", "shared/silver", 4))), 6);
  await session.close("idle");
  const left = writeSnapshot(session.committed);

  const again = await reopen();
  const after = tableOn(again, "life-2");
  const state = await after.hosting.read(SESSION);
  assert.equal(state && writeSnapshot(state).text, left.text);
  const events = await again.log.events(SESSION, 0, 1_000);
  const { valid, count, head } = verifyChain(events);
  assert.deepEqual([valid, count, head], [true, state?.auditCount, state?.auditHead]);
  assert.deepEqual(
    (await again.log.commands(SESSION, 0, 100)).map(({ seq, userId, action }) => `${seq} ${userId} ${action}`),
    ["1 kim set", "2 lee increment", "3 gm set", "4 kim delete", "5 kim set", "6 kim set"],
  );
  assert.deepEqual(after.process.problems, []);
}

/** Who may come in was not noted by former programs: it is made up for when somebody asks, once. */
async function assertLearned({ hosting }: LiveTable, { sessions, log }: Stores): Promise<void> {
  assert.deepEqual(await sessions.unlearned("", 5), [SESSION]);
  const kim = await hosting.door(SESSION, "kim");
  assert.deepEqual([kim?.hasPlace, kim?.row.title], [true, OUTCOME.title]);
  assert.deepEqual(await sessions.unlearned("", 5), []);
  const end = await log.end(SESSION);
  const lee = await sessions.access(SESSION, "lee", TOKEN_HASH);
  assert.deepEqual(lee?.person, {
    userId: "lee",
    banned: false,
    invitee: { inviteId: "invite-1", role: "player", used: ["invite-1"] },
    hasPlace: false,
    knock: null,
  });
  assert.deepEqual(
    lee?.invites.map(({ id, uses }) => [id, uses]),
    [
      ["invite-1", 1],
      ["invite-1", 1],
    ],
  );
  assert.equal(await log.end(SESSION), end, "being asked about, it was written to");
}

async function assertLookedUp({ sessions, campaigns, log }: Stores): Promise<void> {
  assert.equal(await sessions.findByInvite(TOKEN_HASH), SESSION);
  const row = await sessions.find(SESSION);
  assert.deepEqual([row?.title, row?.status, row?.startedAt], [OUTCOME.title, OUTCOME.status, OUTCOME.startedAt]);
  assert.deepEqual(row?.settings, OUTCOME.settings);
  const { items } = await sessions.list("campaign", { limit: 5 });
  assert.deepEqual(items, [row]);
  const members = (await campaigns.find("campaign"))?.members.map(({ userId }) => userId);
  assert.deepEqual(members, ["gm", "kim"]);
  const events = await log.events(SESSION, 0, 100);
  const { valid, count, head } = verifyChain(events);
  assert.deepEqual([valid, count, head], [true, OUTCOME.auditCount, OUTCOME.auditHead]);
}
