import assert from "node:assert/strict";
import { jsonLineOf, lineOf, summaryLine } from "../../src/archive/doctor/lines.ts";
import { NOTHING_KNOWN, type PersonFacts } from "../../src/core/access-list.ts";
import { inviteHash as sha256 } from "../../src/core/invite-hash.ts";
import { RECORD_FORMAT } from "../../src/core/record.ts";
import type { Invite } from "../../src/core/session.ts";
import { SNAPSHOT_FORMAT, writeSnapshot } from "../../src/core/snapshot.ts";
import { restore } from "../../src/live/restore.ts";
import { StoredDataDamaged, StoreUnavailable } from "../../src/ports/failures.ts";
import { emptyBacking, type MemoryBacking, type StoredPosition } from "../../src/stores/memory/backing.ts";
import { openMemoryStores } from "../../src/stores/memory/stores.ts";
import { beatOf } from "../support/beats.ts";
import { type Examination, examined, NOW } from "../support/examined.ts";
import { faulty, overlay } from "../support/faulty-stores.ts";
import { keepSession, lookupOf } from "../support/kept-session.ts";

/** Kind and position of what was found, in order. */
function kinds({ found }: Examination): string[] {
  return found.map(({ kind, pos, canMend }) =>
    [kind, ...(pos === null ? [] : [pos]), ...(canMend ? ["mend"] : [])].join(" "),
  );
}

async function kept(options?: Parameters<typeof keepSession>[1]): Promise<MemoryBacking> {
  const backing = emptyBacking();
  await keepSession(openMemoryStores(backing), options);
  return backing;
}

function positionAt(backing: MemoryBacking, pos: number): StoredPosition {
  return backing.logs.get("s1")![pos - 1]!;
}

/** Puts something else in place of a position; undefined takes it away. */
function put(backing: MemoryBacking, pos: number, change: Partial<StoredPosition> | undefined): void {
  const log = backing.logs.get("s1") as (StoredPosition | undefined)[];
  log[pos - 1] = change === undefined ? undefined : { ...log[pos - 1]!, ...change };
}

/** Changes the text of a stored record. */
function rewrite(backing: MemoryBacking, pos: number, from: string, to: string): void {
  const { json } = positionAt(backing, pos);
  assert.ok(json?.includes(from), `${from} is not in ${json}`);
  put(backing, pos, { json: json!.replace(from, to) });
}

/** Changes a snapshot's text. @param signed whether the checksum is made to fit */
function retouch(backing: MemoryBacking, pos: number, from: string, to: string, signed: boolean): void {
  const snapshot = backing.snapshots.get("s1")!.get(pos)!;
  assert.ok(snapshot.text.includes(from), `${from} is not in ${snapshot.text}`);
  const text = snapshot.text.replace(from, to);
  backing.snapshots.get("s1")!.set(pos, { ...snapshot, text, sha256: signed ? sha256(text) : snapshot.sha256 });
}

/** What is done behind the stores' back, and what is to be found: kind, position, and whether it can be mended. */
type Damage = readonly [name: string, damage: (backing: MemoryBacking) => void, found: readonly string[]];

const IN_THE_LOG: readonly Damage[] = [
  ["a gap before the newest snapshot", (b) => put(b, 10, undefined), ["gap 10"]],
  ["a gap of several positions", (b) => [9, 10, 11].map((pos) => put(b, pos, undefined)), ["gap 9"]],
  ["a gap in what is trimmed", (b) => put(b, 3, undefined), ["gap 3"]],
  ["no first record", (b) => put(b, 1, undefined), ["gap 1"]],
  ["a gap after the newest snapshot", (b) => put(b, 16, undefined), ["gap 16", "not_restorable"]],
  ["a gap where a snapshot stands", (b) => put(b, 14, undefined), ["gap 14"]],
  ["a record that is no JSON", (b) => put(b, 10, { json: '{"sesame' }), ["record_damaged 10"]],
  ["a record of another shape", (b) => put(b, 10, { json: "{}" }), ["record_damaged 10"]],
  ["a record of a later format", (b) => rewrite(b, 10, `"v":${RECORD_FORMAT}`, '"v":99'), ["record_misfit 10"]],
  ["a record that cannot follow", (b) => rewrite(b, 13, '"p2"', '"p1"'), ["snapshot_differs 14"]],
  ["a damaged record at the end", (b) => put(b, 18, { json: "sesame" }), ["record_damaged 18", "not_restorable"]],
  ["an epoch that falls", (b) => put(b, 16, { epoch: 1 }), ["epoch_falls 16", "not_restorable"]],
  ["an epoch that falls before a snapshot", (b) => put(b, 11, { epoch: 0 }), ["epoch_falls 11"]],
  ["an epoch that falls in what is trimmed", (b) => put(b, 5, { epoch: 0 }), ["epoch_falls 5"]],
  [
    "an altered audit event",
    (b) => put(b, 5, { events: positionAt(b, 5).events.map((event) => ({ ...event, kind: "participant.left" })) }),
    ["audit_broken 5"],
  ],
  [
    "an audit event of another number",
    (b) => put(b, 15, { events: positionAt(b, 15).events.map((event) => ({ ...event, n: 40 })) }),
    ["audit_broken 15", "not_restorable"],
  ],
  ["audit events taken out", (b) => put(b, 6, { events: [] }), ["audit_broken 8"]],
  ["the last audit event taken out", (b) => put(b, 8, { events: [] }), ["audit_broken 8"]],
  ["a command taken out of the list", (b) => put(b, 7, { traces: [] }), ["traces_broken 8"]],
  [
    "a command of somebody else in the list",
    (b) => put(b, 16, { traces: positionAt(b, 16).traces.map((trace) => ({ ...trace, userId: "mo" })) }),
    ["traces_broken 16"],
  ],
  ["trimmed too far", (b) => put(b, 18, { json: null }), ["not_restorable"]],
  ["no log any more", (b) => b.logs.clear(), ["log_missing"]],
  ["its end cut off", (b) => b.logs.get("s1")?.splice(12), ["snapshot_beyond_log 14"]],
];

const IN_SNAPSHOTS: readonly Damage[] = [
  ["none any more", (b) => b.snapshots.clear(), ["not_restorable"]],
  ["a flipped letter", (b) => retouch(b, 14, "shared/hp", "shared/hq", false), ["snapshot_damaged 14 mend"]],
  ["the same in the older one", (b) => retouch(b, 8, "sesame", "simsim", false), ["snapshot_damaged 8 mend"]],
  ["one that is no JSON", (b) => retouch(b, 14, '{"format"', "sesame", true), ["snapshot_damaged 14 mend"]],
  [
    "one of a later format",
    (b) => retouch(b, 14, `"format":${SNAPSHOT_FORMAT}`, '"format":99', true),
    ["snapshot_damaged 14 mend"],
  ],
  ["one of another session", (b) => retouch(b, 14, '"s1"', '"s2"', true), ["snapshot_damaged 14 mend"]],
  ["one of another position", (b) => retouch(b, 14, '"pos":14', '"pos":13', true), ["snapshot_damaged 14 mend"]],
  ["one that says something else", (b) => retouch(b, 14, '"6"', '"9"', true), ["snapshot_differs 14"]],
  ["a base that says something else", (b) => retouch(b, 8, "Evening", "Abend", true), ["snapshot_differs 14"]],
  [
    "a base of another audit chain",
    (b) => retouch(b, 8, '"auditCount":', '"auditCount":1', true),
    ["audit_broken 8", "record_misfit 11"],
  ],
  [
    "both damaged",
    (b) => [8, 14].map((pos) => retouch(b, pos, "Evening", "Abend", false)),
    ["snapshot_damaged 8", "snapshot_damaged 14", "not_restorable"],
  ],
];

function note(b: MemoryBacking, userId: string, change: Partial<PersonFacts>): void {
  const people = b.people.get("s1")!;
  const { pos, facts } = people.get(userId) ?? { pos: 1, facts: NOTHING_KNOWN };
  people.set(userId, { pos, facts: { ...facts, ...change } });
}

function noteInvite(b: MemoryBacking, change: Partial<Invite> | null): void {
  const hash = lookupOf("s1", "i1");
  const stored = b.invites.get(hash)!;
  b.invites.set(hash, { ...stored, invite: change && { ...stored.invite!, ...change } });
}

const BESIDE: readonly Damage[] = [
  ["no row", (b) => b.rows.clear(), ["row_missing mend"]],
  ["a row as it was", (b) => b.rows.set("s1", { ...b.rows.get("s1")!, title: "Evening" }), ["row_behind mend"]],
  [
    "a row that was never so",
    (b) => b.rows.set("s1", { ...b.rows.get("s1")!, campaignId: "c2" }),
    ["row_differs mend"],
  ],
  ["no look-up of an invite", (b) => b.invites.delete(lookupOf("s1", "i1")), ["lookup_missing mend"]],
  [
    "a look-up of no invite",
    (b) => b.invites.set("hash of i9", { sessionId: "s1", pos: 1, invite: null }),
    ["lookup_of_nobody mend"],
  ],
  [
    "a look-up of another session",
    (b) => b.invites.set("hash of i9", { sessionId: "s9", pos: 1, invite: null }),
    ["lookup_of_nobody mend"],
  ],
  ["nothing noted of people", (b) => b.learned.clear(), ["people_missing mend"]],
  ["a person of whom nothing is noted", (b) => b.people.get("s1")?.delete("lee"), ["person_differs mend"]],
  ["a person of whom something else is noted", (b) => note(b, "kim", { hasPlace: false }), ["person_differs mend"]],
  ["a ban that nobody made", (b) => note(b, "mo", { banned: true }), ["person_differs mend"]],
  ["an invite with too many uses left", (b) => noteInvite(b, { uses: 0 }), ["invite_differs mend"]],
  ["an invite of which a former program noted nothing", (b) => noteInvite(b, null), ["invite_differs mend"]],
  [
    "people of no session",
    (b) => b.people.set("s9", new Map([["kim", { pos: 1, facts: NOTHING_KNOWN }]])),
    ["person_differs mend"],
  ],
  [
    "a lease of no session",
    (b) => b.leases.set("s9", { sessionId: "s9", processId: "p", epoch: 1 }),
    ["lease_of_nobody mend"],
  ],
  ["a row of no session", (b) => b.rows.set("s9", { ...b.rows.get("s1")!, sessionId: "s9" }), ["log_missing"]],
  ["no campaign", (b) => b.campaigns.clear(), ["campaign_missing"]],
];

/** What a server would open, as text. */
async function restored(backing: MemoryBacking) {
  const found = await restore("s1", openMemoryStores(backing), ({ message }) => assert.fail(message));
  return writeSnapshot(found!.state);
}

describe("doctor", () => {
  it("[E20] finds nothing where all is well, trimmed or not, and changes nothing", async () => {
    for (const trimmed of [true, false]) {
      const backing = await kept({ trimmed });
      note(backing, "mo", {}); // somebody of whom there is nothing to note any more
      const before = structuredClone(backing);
      const examination = await examined(openMemoryStores(backing), { mend: true });
      assert.deepEqual(examination.found, []);
      assert.deepEqual(examination.summary, {
        ...{ campaigns: 1, sessions: 1, records: 18, snapshots: 2 },
        wrong: { note: 0, warning: 0, damage: 0 },
      });
      assert.deepEqual(backing, before);
    }
  });

  for (const [where, damages] of Object.entries({
    "in the log": IN_THE_LOG,
    "in snapshots": IN_SNAPSHOTS,
    beside: BESIDE,
  })) {
    for (const [name, damage, found] of damages) {
      it(`[E21] ${where}: ${name}`, async () => {
        const backing = await kept();
        damage(backing);
        const before = structuredClone(backing);
        const examination = await examined(openMemoryStores(backing));
        assert.deepEqual(kinds(examination), found);
        assert.deepEqual(backing, before);
        assert.doesNotMatch(JSON.stringify(examination.told), /sesame|simsim/, "content");
      });
    }
  }

  for (const [name, damage, found] of [...IN_THE_LOG, ...IN_SNAPSHOTS, ...BESIDE]) {
    const canMend = found.every((one) => one.endsWith("mend"));
    it(`[E25] ${canMend ? "mends" : "leaves alone"}: ${name}`, async () => {
      const backing = await kept();
      damage(backing);
      const before = structuredClone(backing);
      const { told, summary } = await examined(openMemoryStores(backing), { mend: true });
      if (!canMend) {
        assert.deepEqual(backing, before);
        assert.ok(summary.wrong.damage > 0);
        return;
      }
      assert.ok(told.some(({ what }) => what === "mended"));
      assert.deepEqual(summary.wrong, { note: 0, warning: 0, damage: 0 });
      assert.deepEqual([backing.logs, backing.campaigns], [before.logs, before.campaigns]);
      const after = structuredClone(backing);
      assert.deepEqual((await examined(openMemoryStores(backing), { mend: true })).told, []);
      assert.deepEqual(backing, after);
      assert.deepEqual((await restored(backing)).text, (await restored(await kept())).text);
    });
  }

  it("[E25] with the whole log there, saves a new snapshot before it drops the last ones", async () => {
    const backing = await kept({ trimmed: false });
    for (const pos of [8, 14]) retouch(backing, pos, "Evening", "Abend", pos === 14);
    const before = structuredClone(backing.logs);
    const first = await examined(openMemoryStores(backing), { mend: true });
    assert.deepEqual(kinds(first), ["snapshot_damaged 8 mend", "snapshot_differs 14 mend"]);
    assert.deepEqual([...backing.snapshots.get("s1")!.keys()], [18]);
    assert.deepEqual(backing.logs, before);
    assert.deepEqual((await examined(openMemoryStores(backing))).told, []);
  });

  it("[E26] what a live process hosts is looked at, and not mended until it is dead", async () => {
    const backing = await kept();
    backing.rows.clear();
    const stores = openMemoryStores(backing);
    await stores.leases.claim({ sessionId: "s1", processId: "p2", epoch: 2 });
    await stores.leases.beat(beatOf("p2", NOW - 2_499));
    const hosted = await examined(stores, { mend: true });
    assert.deepEqual(hosted.told.at(-1), { what: "not_mended", sessionId: "s1", why: "a process hosts it now" });
    assert.deepEqual([backing.rows.size, hosted.summary.wrong.warning], [0, 1]);
    await stores.leases.beat(beatOf("p2", NOW - 2_500));
    assert.equal((await examined(stores, { mend: true })).summary.wrong.warning, 0);
    assert.equal(backing.rows.size, 1);
  });

  it("[E22] tells of campaigns that nobody leads, of doubled members and of names that are none", async () => {
    const backing = await kept();
    const gm = { userId: "kim", name: null, role: "player" as const };
    backing.campaigns.set("c1", {
      ...backing.campaigns.get("c1")!,
      name: "",
      members: [gm, gm, { ...gm, userId: "a/b" }],
    });
    const { found } = await examined(openMemoryStores(backing), { mend: true });
    assert.deepEqual(
      found.map(({ kind, campaignId }) => [kind, campaignId]),
      ["campaign_name", "campaign_without_gm", "campaign_member_twice", "campaign_name"].map((kind) => [kind, "c1"]),
    );
  });

  it("[E20] tells what the store says of itself, and has what is left over dropped", async () => {
    const stores = faulty(openMemoryStores(await kept()));
    let leftovers = [{ what: "parts of snapshots", count: 3 }];
    const archive = overlay(stores.archive, {
      faults: async () => ["an index is missing"],
      leftovers: async () => leftovers,
      dropLeftovers: async () => {
        leftovers = [];
      },
    });
    const { found, summary } = await examined({ ...stores, archive }, { mend: true });
    assert.deepEqual(
      found.map(({ kind, severity }) => [kind, severity]),
      [
        ["store_fault", "damage"],
        ["leftovers", "note"],
      ],
    );
    assert.deepEqual([leftovers, summary.wrong], [[], { note: 0, warning: 0, damage: 1 }]);
  });

  it("[E21] a session that the store cannot read is told of, and the others are looked at; a store that is gone ends it", async () => {
    const stores = faulty(openMemoryStores(await kept()));
    const broken = (error: Error) => overlay(stores.archive, { records: () => Promise.reject(error) });
    const quoting = new TypeError("sesame is no Buffer");
    for (const error of [new StoredDataDamaged("a page"), new StoreUnavailable("a page"), quoting]) {
      const examination = await examined({ ...stores, archive: broken(error) });
      assert.deepEqual(kinds(examination), ["session_unreadable"]);
      assert.doesNotMatch(JSON.stringify(examination.told), /sesame/);
    }
    const snapshots = overlay(stores.snapshots, { load: () => Promise.reject(quoting) });
    const unreadable = await examined({ ...stores, snapshots });
    assert.deepEqual(kinds(unreadable), ["snapshot_damaged 8", "snapshot_damaged 14", "not_restorable"]);
    assert.doesNotMatch(JSON.stringify(unreadable.told), /sesame/);
    stores.goDown();
    await assert.rejects(examined(stores), StoreUnavailable);
  });

  it("[E27] one line per finding for people, one JSON object per line for machines", async () => {
    const backing = await kept();
    put(backing, 10, undefined);
    backing.rows.clear();
    const { told, summary } = await examined(openMemoryStores(backing), { mend: true });
    assert.deepEqual(told.map(lineOf), [
      "damage   session s1 at 10: position 10 is missing, with its audit events and its content",
      "warning  session s1: it stands in no list, and nobody can open it: its row is missing (--mend)",
      "mended   session s1: wrote its row, its people and its look-ups anew",
    ]);
    assert.equal(
      summaryLine(summary, 1.26),
      "1 campaign, 1 session, 17 records, 2 snapshots looked at in 1.3 s: 0 notes, 0 warnings, 1 damage",
    );
    const parsed = told.map((one) => JSON.parse(jsonLineOf(one)));
    assert.deepEqual(parsed[0], {
      ...{ what: "found", kind: "gap", severity: "damage", campaignId: null, sessionId: "s1", pos: 10, canMend: false },
      says: "position 10 is missing, with its audit events and its content",
    });
    assert.deepEqual(parsed[2], {
      what: "mended",
      sessionId: "s1",
      did: "wrote its row, its people and its look-ups anew",
    });
  });
});
