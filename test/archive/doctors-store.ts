import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { Stores } from "../../src/ports/stores.ts";
import { runDoctor } from "../support/doctor-process.ts";
import { Evening } from "../support/evening.ts";
import { keepSession, lookupOf } from "../support/kept-session.ts";
import { ServerProcess } from "../support/server.ts";

/** Something on a disk that a doctor is sent to, and what can be done to it behind its back. */
export interface DoctorsStore {
  /** configuration that names it */
  readonly env: Readonly<Record<string, string>>;
  /** Opens it for writing, as a server does. */
  open(): Promise<Stores>;
  /** Everything that is stored, to be compared. */
  dump(): Promise<unknown>;
  readonly harm: Harm;
  dispose(): Promise<void>;
}

/** Each does one thing to what is stored of a session. */
export interface Harm {
  /** takes away records 9 to 12 */
  gap(sessionId: string): Promise<void>;
  /** another byte in the content of a record, in an audit event, in a snapshot; `from` is there once */
  garble(
    sessionId: string,
    pos: number,
    where: "content" | "audit" | "snapshot",
    from: string,
    to: string,
  ): Promise<void>;
  losePart(sessionId: string, pos: number): Promise<void>;
  /** parts of a snapshot that never was, from long ago */
  strayPart(sessionId: string): Promise<void>;
  retitle(sessionId: string, title: string): Promise<void>;
  loseLookup(hash: string): Promise<void>;
  addLookup(hash: string, sessionId: string): Promise<void>;
  loseCampaign(campaignId: string): Promise<void>;
}

/** `[what is done, the line that says so]`, each to a session of its own; `--mend` mends those marked. */
const HARMS: readonly (readonly [
  name: string,
  harm: (harm: Harm, sessionId: string) => Promise<void>,
  line: RegExp,
])[] = [
  ["gap", (harm, id) => harm.gap(id), /^damage {3}session gap at 9: positions 9 to 12 are missing/],
  [
    "record",
    (harm, id) => harm.garble(id, 10, "content", "shared/secret", "shared/sekret"),
    /^damage {3}session record at 10: it cannot be read: .*checksum/,
  ],
  [
    "audit",
    (harm, id) => harm.garble(id, 5, "audit", "joined", "JOINED"),
    /^damage {3}session audit at 5: the audit chain does not fit at event 4$/,
  ],
  [
    "campaign",
    (harm, id) => harm.loseCampaign(`of-${id}`),
    /^damage {3}session campaign: its campaign does not exist$/,
  ],
  [
    "snapshot",
    (harm, id) => harm.garble(id, 14, "snapshot", "Evening", "evening"),
    /^warning {2}session snapshot at 14: the snapshot is damaged: checksum is \w+, should be \w+ \(--mend\)$/,
  ],
  [
    "part",
    (harm, id) => harm.losePart(id, 8),
    /^warning {2}session part at 8: the snapshot is not whole: parts of it are missing \(--mend\)$/,
  ],
  [
    "row",
    (harm, id) => harm.retitle(id, "sesame"),
    /^warning {2}session row: lists show it with another title \(--mend\)$/,
  ],
  [
    "behind",
    (harm, id) => harm.retitle(id, "Evening"),
    /^note {5}session behind: lists show it as it was before; its next opening mends that \(--mend\)$/,
  ],
  [
    "lookup",
    (harm, id) => harm.loseLookup(lookupOf(id, "i1")),
    /^warning {2}session lookup: the link of invite i1 leads nowhere: its look-up is missing \(--mend\)$/,
  ],
  [
    "nobody",
    (harm, id) => harm.addLookup("abcdefghi", id),
    /^warning {2}session nobody: a look-up \(abcdefgh…\) leads to it and belongs to none of its invites \(--mend\)$/,
  ],
];
const MENDABLE = ["snapshot", "part", "row", "behind", "lookup", "nobody"];

/** Rules E20 to E27, by the command line, on a store that is really there. */
export function doctorContract(name: string, open: () => Promise<DoctorsStore>): void {
  describe(`npm run doctor: ${name}`, function () {
    this.timeout(60_000);
    let store: DoctorsStore;
    beforeEach(async () => {
      store = await open();
    });
    afterEach(() => store.dispose());

    it("[E27] an absent store and bad arguments are 2, and make nothing", async () => {
      const before = await store.dump();
      const [absent, misspelt, misconfigured] = await Promise.all([
        runDoctor(store.env),
        runDoctor(store.env, "--mendd"),
        runDoctor({ ...store.env, PORT: "x" }),
      ]);
      assert.deepEqual([absent.code, absent.lines], [2, []]);
      assert.match(absent.stderr, /^(DATA_DIR: there is no data file|the database holds no data)[^\n]*\n$/);
      assert.deepEqual(await store.dump(), before);
      assert.deepEqual([misspelt.code, misconfigured.code], [2, 2]);
      assert.match(misspelt.stderr, /--mendd[\s\S]*usage: npm run doctor/);
      assert.match(misconfigured.stderr, /PORT/);
    });

    it("[E21] finds what was done behind its back, [E23] writes nothing, and [E25] mends what can be", async () => {
      const stores = await store.open();
      for (const [sessionId] of HARMS) await keepSession(stores, { sessionId, campaignId: `of-${sessionId}` });
      await keepSession(stores, { sessionId: "well", campaignId: "of-well" });
      await stores.close();
      const well = await runDoctor(store.env);
      assert.deepEqual([well.code, well.lines.length], [0, 1], well.lines.join("\n") + well.stderr);
      assert.match(
        well.lines[0]!,
        /^11 campaigns, 11 sessions, 198 records, 22 snapshots looked at in [\d.]+ s: 0 notes, 0 warnings, 0 damages$/,
      );

      for (const [sessionId, harm] of HARMS) await harm(store.harm, sessionId);
      await store.harm.strayPart("well");
      const harmed = await store.dump();
      const found = await runDoctor(store.env);
      assert.deepEqual(await store.dump(), harmed);
      const said = found.lines.join("\n");
      assert.equal(found.code, 1, found.stderr);
      for (const [, , line] of HARMS)
        assert.equal(found.lines.filter((one) => line.test(one)).length, 1, `${line}\n${said}`);
      assert.match(
        found.lines[0]!,
        /^note {5}store: left over, and of no use to anything: parts of snapshots that were never finished \(1\) \(--mend\)$/,
      );
      assert.equal(found.lines.length, HARMS.length + 2, said);
      assert.match(found.lines.at(-1)!, /: 2 notes, 5 warnings, 4 damages$/);
      assert.doesNotMatch(said, /sesame|sekret/);

      const mended = await runDoctor(store.env, "--mend");
      assert.equal(mended.code, 1, mended.stderr);
      assert.match(mended.lines.at(-1)!, /: 0 notes, 0 warnings, 4 damages$/, mended.lines.join("\n"));
      for (const sessionId of MENDABLE) {
        assert.ok(
          mended.lines.some((line) => line.startsWith(`mended   session ${sessionId}: `)),
          `${sessionId}\n${mended.lines.join("\n")}`,
        );
      }
      const after = await store.dump();
      const again = await runDoctor(store.env, "--mend", "--json");
      const objects = again.lines.map((line) => JSON.parse(line));
      assert.equal(again.code, 1);
      assert.deepEqual(
        objects.slice(0, -1).map(({ what, severity, sessionId }) => [what, severity, sessionId]),
        ["audit", "campaign", "gap", "record"].map((sessionId) => ["found", "damage", sessionId]),
      );
      assert.deepEqual(objects.at(-1).wrong, { note: 0, warning: 0, damage: 4 });
      assert.deepEqual(await store.dump(), after);
    });

    it("[E26] a store that a server uses is left alone, and after --mend the evening goes on", async () => {
      const server = await ServerProcess.start({ env: { ...store.env, RATE_COMMANDS: "0" } });
      try {
        const evening = await Evening.prepare(server, {
          members: { kim: "player" },
          session: { settings: { snapshotEvery: 1 } },
        });
        const { sessionId } = evening;
        const seat = await evening.person("kim").join(sessionId);
        const invite = await evening.invite({ maxUses: 2 });
        let n = 0;
        const play = () => seat.command("set", { path: "shared/hp", value: ++n });
        let isLooking = true;
        const looking = runDoctor(store.env, "--mend").finally(() => {
          isLooking = false;
        });
        while (isLooking || n < 20) await play();
        const used = await looking;
        // SQLite's file is its process' alone.
        if (store.env.MONGODB_URI) assert.deepEqual([used.code, used.lines.length], [0, 1], used.lines.join("\n"));
        else assert.deepEqual([used.code, used.stderr.includes("another process uses this data folder")], [2, true]);
        const last = await play();
        await server.kill();

        const crashed = await store.dump();
        assert.deepEqual((await runDoctor(store.env)).lines.slice(0, -1), []);
        assert.deepEqual(await store.dump(), crashed);
        const hash = createHash("sha256").update(invite.token).digest("hex");
        await store.harm.loseLookup(hash);
        await store.harm.retitle(sessionId, "sesame");
        assert.equal((await runDoctor(store.env)).code, 1);
        const mended = await runDoctor(store.env, "--mend");
        assert.equal(mended.code, 0, mended.lines.join("\n"));

        await server.start();
        const guest = await (await evening.setMember("lee", "player")).join(sessionId);
        await guest.caughtUp(last.seq);
        assert.equal(guest.value("shared/hp"), n);
        assert.equal((await guest.command("set", { path: "shared/hp", value: "on" })).seq, last.seq + 1);
        const { sessionTitle } = await evening.gm.get<{ sessionTitle: string }>("GET", `/api/invites/${invite.token}`);
        assert.match(sessionTitle, /^Evening/);
        await guest.leave();
      } finally {
        await server.dispose();
      }
    });
  });
}
