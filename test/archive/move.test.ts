import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { type Counts, exportCampaign, UnknownCampaign } from "../../src/archive/move/export-campaign.ts";
import { figuresOf } from "../../src/archive/move/figures.ts";
import { importCampaign } from "../../src/archive/move/import-campaign.ts";
import { CannotWriteFile } from "../../src/archive/move/line-file.ts";
import { BadCampaignFile } from "../../src/archive/move/read-file.ts";
import { AccessChanges, NOTHING_KNOWN } from "../../src/core/access-list.ts";
import { writeSnapshot } from "../../src/core/snapshot.ts";
import { restore } from "../../src/live/restore.ts";
import { accessRowsOf, changedRowsOf, rowOf } from "../../src/live/row.ts";
import type { KeptRecord } from "../../src/ports/archive.ts";
import { StoredDataDamaged, StoreUnavailable } from "../../src/ports/failures.ts";
import type { Stores } from "../../src/ports/stores.ts";
import { emptyBacking } from "../../src/stores/memory/backing.ts";
import { openMemoryStores } from "../../src/stores/memory/stores.ts";
import { beatOf } from "../support/beats.ts";
import { KEPT, keepSession, lookupOf } from "../support/kept-session.ts";
import { withMethods } from "../support/with-methods.ts";
import { START, WrittenLog } from "../support/written-log.ts";

describe("export and import", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "move-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  let files = 0;
  const exported = async (stores: Stores, onDamaged: (problem: Error) => void = assert.fail) => {
    files += 1;
    const path = join(folder, `${files}.campaign.jsonl`);
    const counts = await exportCampaign("c1", { stores, path, program: "9.9.9" }, onDamaged);
    return { path, counts };
  };
  const imported = async (path: string, stores: Stores = openMemoryStores()) => {
    const lines: string[] = [];
    const counts = await importCampaign(path, stores, (line) => lines.push(line));
    return { stores, counts, lines };
  };

  /** Everything that a store tells of a session; what was forgotten in between is not asked for. */
  async function tellOf(sessionId: string, { archive, sessions, snapshots }: Stores) {
    const kept = await archive.snapshots(sessionId);
    return {
      records: await archive.records(sessionId, 0, 10_000),
      trimmedThrough: await archive.trimmedThrough(sessionId),
      snapshots: await Promise.all(kept.map(({ pos }) => snapshots.load(sessionId, pos))),
      row: await sessions.find(sessionId),
      access: await accessOf(sessionId, archive),
    };
  }

  /** What is noted of people and invites, in one order; the positions are of no interest elsewhere. */
  async function accessOf(sessionId: string, archive: Stores["archive"]) {
    const { isLearned, people, lookups } = await archive.access(sessionId);
    const facts = people.map(({ userId, pos: _, ...rest }) => [userId, rest] as const);
    return {
      isLearned,
      // A row that says nothing is none.
      people: new Map(facts.filter(([, rest]) => !isDeepStrictEqual(rest, NOTHING_KNOWN))),
      lookups: new Map(lookups.map(({ tokenHash, invite }) => [tokenHash, invite])),
    };
  }

  it("[E10] moves a campaign whole: records, trimmed ones, snapshots, rows, look-ups, members", async () => {
    const source = openMemoryStores();
    const log = await keepSession(source);
    for (const userId of ["zed", "amy"]) {
      await source.campaigns.putMember("c1", { userId, role: "player" });
      await source.campaigns.removeMember("c1", userId);
    }
    await source.leases.beat(beatOf("p2", START + 9_000));
    const { path, counts } = await exported(source);
    const { stores, lines, counts: read } = await imported(path);
    assert.deepEqual(counts, { sessions: 1, records: KEPT.last } satisfies Counts);
    assert.deepEqual(read, counts);
    const { digest, auditHead } = figuresOf(log.state);
    assert.deepEqual(lines, [
      `session s1: seq ${log.state.seq}, digest ${digest}, ${log.state.auditCount} audit events, head ${auditHead}`,
    ]);
    assert.deepEqual(await tellOf("s1", stores), await tellOf("s1", source));
    assert.deepEqual(await stores.campaigns.find("c1"), await source.campaigns.find("c1"));
    assert.deepEqual(await stores.campaigns.formerMembers("c1", "", 9), [
      { userId: "amy", removal: 2 },
      { userId: "zed", removal: 1 },
    ]);
    assert.equal(await stores.leases.lastBeat("p2"), START + 9_000);
    assert.equal((await stores.archive.snapshots("s1")).length, 2);
    const back = await exported(stores);
    assert.equal(await readFile(back.path, "utf8"), await readFile(path, "utf8"), "word for word, once more");
  });

  it("[E10] moves any evening, whenever it was saved and trimmed", async () => {
    const step = fc.oneof(
      { weight: 8, arbitrary: fc.record({ do: fc.constant("command"), path: fc.integer({ min: 0, max: 9 }) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("invite", "join", "opened", "audit", "rename") }) },
      {
        weight: 3,
        arbitrary: fc.record({ do: fc.constantFrom("knock", "admit", "deny", "lapse", "openDoor", "closeDoor") }),
      },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("snapshot", "trim", "status") }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const source = openMemoryStores();
        const members = [{ userId: "gm", name: null, role: "gm" }] as const;
        await source.campaigns.create({ id: "c1", name: "𝔘 e\u0301\0", createdAt: 1, members });
        const log = WrittenLog.begun();
        let stored = 0;
        const saved: number[] = [];
        const store = async () => {
          const fresh = log.records.slice(stored);
          stored = log.records.length;
          const changes = new AccessChanges();
          for (const record of fresh) changes.add(record);
          const access = changedRowsOf(log.state, changes) ?? { people: [], invites: [] };
          if (fresh.length > 0) await source.log.append(fresh, { row: rowOf(log.state), access, isWhole: true });
        };
        for (const [i, one] of steps.entries()) {
          log.after(1);
          if (one.do === "command" && "path" in one)
            log.command("kim", [[`shared/n${one.path}`, `"${"🐉".repeat(i)}"`]]);
          if (one.do === "invite") log.invited(`i${i}`);
          if (one.do === "join") log.joined(`person ${i}`);
          if (one.do === "opened") log.opened(`p${i}`);
          if (one.do === "audit") log.happened("participant.idle", "kim");
          if (one.do === "rename") log.write({ kind: "settings", title: `Evening ${i} \ud83d` });
          const waits = [...log.state.knocks.values()].find(({ status }) => status === "waiting")?.userId;
          if (one.do === "knock") log.knocked(`person ${i}`, { message: "Let me in 🚪", removal: i });
          if (one.do === "admit" && waits !== undefined) log.admitted(waits);
          if (one.do === "deny" && waits !== undefined) log.denied(waits, "not\ntonight");
          if (one.do === "lapse")
            log.write({ kind: "knock", change: { what: "lapsed", userIds: [waits ?? "nobody"] } });
          if (one.do === "openDoor") log.write({ kind: "settings", settings: { admission: "open" } });
          if (one.do === "closeDoor") log.write({ kind: "settings", settings: { admission: "approve" } });
          if (one.do === "status") log.write({ kind: "status", status: "live", by: "gm", reason: "\u2028" });
          await store();
          const { pos } = log.state;
          if (one.do === "snapshot" && saved.at(-1) !== pos) {
            await source.snapshots.save({ sessionId: "s1", pos, ...writeSnapshot(log.state) });
            saved.push(pos);
          }
          const older = saved.at(-2) ?? saved.at(-1);
          if (one.do === "trim" && older !== undefined) {
            await source.snapshots.dropBefore("s1", older);
            await source.log.trim("s1", older);
          }
        }
        await store();
        const { path } = await exported(source);
        const { stores } = await imported(path);
        assert.deepEqual(await tellOf("s1", stores), await tellOf("s1", source));
        const restored = await restore("s1", stores, assert.fail);
        assert.deepEqual(figuresOf(restored!.state), figuresOf(log.state));
        assert.deepEqual(await stores.log.events("s1", 0, 1_000), await source.log.events("s1", 0, 1_000));
        assert.deepEqual(await stores.log.commands("s1", 0, 1_000), await source.log.commands("s1", 0, 1_000));
      }),
      { numRuns: 60 },
    );
  });

  it("[E11] writes no file over another, and leaves none where there is no such campaign", async () => {
    const source = openMemoryStores();
    await keepSession(source);
    const path = join(folder, "there.jsonl");
    await writeFile(path, "precious");
    const asked = { stores: source, path, program: "1" };
    await assert.rejects(exportCampaign("c1", asked, assert.fail), CannotWriteFile);
    assert.equal(await readFile(path, "utf8"), "precious");
    await assert.rejects(exportCampaign("c2", { ...asked, path: join(folder, "no") }, assert.fail), UnknownCampaign);
    assert.deepEqual(await readdir(folder), ["there.jsonl"]);
  });

  it("[E11] lets nobody but its owner read the file", async function () {
    if (process.platform === "win32") return this.skip();
    const source = openMemoryStores();
    await keepSession(source);
    const umask = process.umask(0o022);
    try {
      const { path } = await exported(source);
      assert.equal((await stat(path)).mode & 0o777, 0o600);
    } finally {
      process.umask(umask);
    }
  });

  it("[E11] names session and position of what is damaged, and leaves no file", async () => {
    const backing = emptyBacking();
    const source = openMemoryStores(backing);
    await keepSession(source);
    const standing = backing.logs.get("s1")![KEPT.last - 3]!;
    standing.json = standing.json!.slice(1);
    await assert.rejects(exported(source), (error: Error) => {
      assert.ok(error instanceof StoredDataDamaged);
      assert.match(error.message, /^session s1 at position 16: /);
      return true;
    });
    assert.deepEqual(await readdir(folder), []);
  });

  it("[E11] refuses a broken audit chain, also where the content is forgotten", async () => {
    const backing = emptyBacking();
    const source = openMemoryStores(backing);
    await keepSession(source);
    const standing = backing.logs.get("s1")!;
    const [event] = standing[3]!.events;
    standing[3] = { ...standing[3]!, events: [{ ...event!, actor: { userId: "mallory", via: "member" } }] };
    await assert.rejects(exported(source), { message: /^session s1 at position 4: the audit chain does not fit/ });
  });

  it("[E11] leaves out a snapshot that is damaged where another gives the whole, and says so", async () => {
    const backing = emptyBacking();
    const source = openMemoryStores(backing);
    const log = await keepSession(source);
    const snapshots = backing.snapshots.get("s1")!;
    const { text, ...rest } = snapshots.get(KEPT.newerSnapshot)!;
    snapshots.set(KEPT.newerSnapshot, { ...rest, text: text.replace("Evening", "Morning") });
    const told: string[] = [];
    const { path } = await exported(source, ({ message }) => told.push(message));
    assert.equal(told.length, 1);
    assert.match(told[0]!, /^session s1 at position 14: the snapshot does not fit: checksum/);
    const { stores } = await imported(path);
    const restored = await restore("s1", stores, assert.fail);
    assert.deepEqual(figuresOf(restored!.state), figuresOf(log.state));

    const unreadable = withMethods(source.snapshots, {
      load: async (sessionId, pos) => {
        if (pos === KEPT.newerSnapshot) throw new StoredDataDamaged("the store can make nothing of it");
        return source.snapshots.load(sessionId, pos);
      },
    });
    await exported({ ...source, snapshots: unreadable }, ({ message }) => told.push(message));
    assert.deepEqual(told.slice(1), ["the store can make nothing of it"]);

    snapshots.delete(KEPT.olderSnapshot);
    await assert.rejects(
      exported(source, () => {}),
      { message: /^session s1 at position 8: the log is trimmed up to here, and no snapshot that can be read/ },
    );
  });

  it("[E12] reads a session again whose host trims it meanwhile, and stops at the end it began with", async () => {
    const source = openMemoryStores();
    const log = await keepSession(source, { trimmed: false });
    let trims = 0;
    const archive = withMethods(source.archive, {
      async records(sessionId: string, afterPos: number, limit: number) {
        const page = await source.archive.records(sessionId, afterPos, Math.min(limit, 5));
        if (trims++ !== 1) return page;
        // as the host does: one more record, a snapshot, the older ones gone, the log trimmed
        log.command("kim", [["shared/late", "1"]]);
        await source.log.append(log.records.slice(-1));
        await source.snapshots.save({ sessionId: "s1", pos: log.state.pos, ...writeSnapshot(log.state) });
        await source.snapshots.dropBefore("s1", KEPT.newerSnapshot);
        await source.log.trim("s1", KEPT.newerSnapshot);
        return source.archive.records(sessionId, afterPos, Math.min(limit, 5));
      },
    });
    const { path, counts } = await exported({ ...source, archive });
    assert.equal(counts.records, KEPT.last + 1, "read again from its start, with a new end");
    const { stores } = await imported(path);
    assert.deepEqual(await tellOf("s1", stores), await tellOf("s1", source));

    const busy = withMethods(source.archive, {
      async records(sessionId: string, afterPos: number, limit: number) {
        log.command("kim", [["shared/late", `${log.state.seq}`]]);
        await source.log.append(log.records.slice(-1));
        return source.archive.records(sessionId, afterPos, Math.min(limit, 1));
      },
    });
    const end = log.state.pos;
    assert.equal((await exported({ ...source, archive: busy })).counts.records, end);
    const hasty = withMethods(busy, {
      trimmedThrough: async () => trims++,
      records: async (sessionId: string, afterPos: number, limit: number) =>
        (await source.archive.records(sessionId, afterPos, limit)).map((record) => ({ ...record, body: null })),
    });
    const before = await readdir(folder);
    trims = 0;
    await assert.rejects(
      exported({ ...source, archive: hasty }, () => {}),
      StoreUnavailable,
    );
    assert.deepEqual(await readdir(folder), before);
  });

  describe("a file that is not as it was written", () => {
    let path: string;
    let lines: string[];
    beforeEach(async () => {
      const source = openMemoryStores();
      await keepSession(source);
      path = (await exported(source)).path;
      lines = (await readFile(path, "utf8")).split("\n");
    });

    /** Refused, and the store is as it was: empty. */
    async function refused(content: string | Buffer, why: RegExp): Promise<void> {
      await writeFile(path, content);
      const stores = openMemoryStores();
      await assert.rejects(imported(path, stores), (error: Error) => {
        assert.ok(error instanceof BadCampaignFile, error.stack);
        assert.match(error.message, why);
        assert.doesNotMatch(error.message, /sesame|Evening/);
        return true;
      });
      assert.deepEqual(await stores.archive.campaignIds("", 10), []);
      assert.deepEqual(await stores.archive.sessionIds("", 10), []);
    }

    it("[E13] is refused where it is cut off, after any byte", async () => {
      const whole = await readFile(path);
      const cuts = Array.from({ length: 40 }, (_, i) => Math.floor((whole.length * i) / 40));
      for (const cut of [...cuts, whole.length - 2]) {
        await refused(whole.subarray(0, cut), /cut off|empty|no campaign's file|no JSON/);
      }
      await refused(`${lines.slice(0, -2).join("\n")}\n`, /^the file is cut off: its last line is missing$/);
    });

    it("[E13] is refused where a line is altered, missing, twice or moved", async () => {
      const at = lines.findIndex((line) => line.includes("sesame"));
      const altered = lines.with(at, lines[at]!.replace("sesame", "sesamo"));
      await refused(altered.join("\n"), /snapshot is not what the log gives|altered|checksum/);
      const name = lines.findIndex((line) => line.includes('"name":"Gail"'));
      await refused(lines.with(name, lines[name]!.replace("Gail", "Gall")).join("\n"), /^the file was altered/);
      for (const [i, line] of lines.slice(1, -1).entries()) {
        await refused(lines.toSpliced(i + 1, 1).join("\n"), /./);
        await refused(lines.toSpliced(i + 1, 0, line).join("\n"), /./);
      }
      const first = lines.findIndex((line) => line.startsWith('{"type":"record"'));
      const moved = lines.with(first, lines[first + 1]!).with(first + 1, lines[first]!);
      await refused(moved.join("\n"), /^session s1 at position 1: position 1 is missing/);
    });

    it("[E13] is refused where something follows its end, and where a line is of another shape", async () => {
      await refused(`${lines.join("\n")}${lines[1]}\n`, /campaign cannot stand there$/);
      await refused(lines.with(1, '{"type":"campaign","id":7}').join("\n"), /^line 2: id is not of the shape/);
      await refused(lines.with(1, '{"type":"dragon"}').join("\n"), /^line 2: type is not of the shape/);
    });

    it("[T17] of format 1, which knew no removals, is read; a removal that there was not is refused", async () => {
      const header = JSON.stringify({ ...JSON.parse(lines[0]!), format: 1 });
      const { removals, ...campaign } = JSON.parse(lines[1]!);
      assert.equal(removals, 0);
      const whole = lines.filter((line) => line !== "");
      const former = [header, JSON.stringify(campaign), ...whole.slice(2, -1)];
      const end = { ...JSON.parse(whole.at(-1)!), sha256: hash("sha256", `${former.join("\n")}\n`, "hex") };
      const path = join(folder, "format-1.campaign.jsonl");
      await writeFile(path, [...former, JSON.stringify(end)].join("\n"));
      const stores = openMemoryStores();
      await importCampaign(path, stores, () => {});
      assert.equal((await stores.campaigns.find("c1"))?.removals, 0);
      const line = JSON.stringify({ type: "former-member", userId: "mo", removal: 1 });
      await refused(lines.toSpliced(2, 0, line).join("\n"), /by a removal that there was not$/);
    });

    it("[E13] of a future format is refused with a word on what to do; anything else is no campaign's file", async () => {
      const header = JSON.parse(lines[0]!);
      assert.deepEqual(header, { type: "campaign-export", format: 2, program: "9.9.9" });
      const future = lines.with(0, JSON.stringify({ ...header, format: 3, compression: "zstd" }));
      await refused(future.join("\n"), /^the file is of format 3, of a newer program; this one knows 2/);
      await refused('{"hello":"world"}\n', /^this is no campaign's file$/);
      await refused("PK\x03\x04 and so on", /^this is no campaign's file$/);
      await refused(Buffer.alloc(5_000_000, 0xff), /^this is no campaign's file$/);
      await refused("", /^the file is empty$/);
    });
  });

  it("[E14] refuses a campaign that is there, and a session that is another; nothing changes", async () => {
    const source = openMemoryStores();
    await keepSession(source);
    const { path } = await exported(source);
    const { stores } = await imported(path);
    const before = await tellOf("s1", stores);
    await assert.rejects(imported(path, stores), { name: "Refused", message: /^the campaign c1 is in this store/ });
    assert.deepEqual(await tellOf("s1", stores), before);

    const other = openMemoryStores();
    const log = WrittenLog.begun({ title: "another" });
    await other.log.append([{ ...log.records[0]!, id: "other" }], { row: rowOf(log.state) });
    const untouched = await tellOf("s1", other);
    await assert.rejects(imported(path, other), { name: "Refused", message: /^the session s1 is in this store/ });
    assert.deepEqual(await tellOf("s1", other), untouched);
    assert.equal(await other.campaigns.find("c1"), undefined);

    const longer = openMemoryStores();
    await longer.archive.putRecords("s1", (await source.archive.records("s1", 0, 100)) as never);
    const more = await keepSession(openMemoryStores());
    await longer.log.append([more.command("kim", [["shared/more", "1"]])]);
    await assert.rejects(imported(path, longer), { name: "Refused", message: /^the session s1 is in this store/ });
  });

  describe("a file that somebody made, in which everything fits", () => {
    /** The file of a campaign of its own, with what `also` puts into its store. */
    async function fileOf(campaignId: string, sessionIds: readonly string[], also = async (_: Stores) => {}) {
      const source = openMemoryStores();
      for (const sessionId of sessionIds) await keepSession(source, { campaignId, sessionId });
      await also(source);
      files += 1;
      const path = join(folder, `${files}.campaign.jsonl`);
      await exportCampaign(campaignId, { stores: source, path, program: "1" }, assert.fail);
      return path;
    }

    it("[E14] cannot take over a session of another campaign, under the ids of its very records", async () => {
      const stores = openMemoryStores();
      const log = await keepSession(stores);
      const before = await tellOf("s1", stores);
      const other = await keepSession(openMemoryStores(), { campaignId: "c2" });
      assert.deepEqual(
        other.records.map(({ id }) => id),
        log.records.map(({ id }) => id),
      );
      await assert.rejects(imported(await fileOf("c2", ["s1"]), stores), {
        name: "Refused",
        message: /^the session s1/,
      });
      assert.deepEqual(await tellOf("s1", stores), before);
      assert.equal(await stores.campaigns.find("c2"), undefined);
    });

    it("[E14] meets part of an earlier run record by record, content and audit events included", async () => {
      const path = await fileOf("c1", ["s1"]);
      const { stores: whole } = await imported(path);
      const records = (await whole.archive.records("s1", 0, 100)) as readonly KeptRecord[];
      const last = records.at(-1)!;
      for (const change of [
        { at: last.at + 1 },
        { epoch: last.epoch + 1 },
        { traces: [] },
        { body: records.at(-2)!.body },
      ]) {
        const stores = openMemoryStores();
        await stores.archive.putRecords("s1", [...records.slice(0, -1), { ...last, ...change }]);
        const before = await tellOf("s1", stores);
        await assert.rejects(imported(path, stores), { name: "Refused", message: /^the session s1/ });
        assert.deepEqual(await tellOf("s1", stores), before);
      }
    });

    it("[E14] cannot take the link of an invite away from a session that is there", async () => {
      const stores = openMemoryStores();
      await keepSession(stores);
      const hash = lookupOf("s1", "i1");
      const path = await fileOf("c2", [], async (source) => {
        const members = [{ userId: "gm", name: null, role: "gm" }] as const;
        await source.campaigns.create({ id: "c2", name: "Thief", createdAt: START, members });
        const log = WrittenLog.begun({ campaignId: "c2" }, "s2");
        log.invited("i1", { tokenHash: hash });
        await source.log.append(log.records, { row: rowOf(log.state), access: accessRowsOf(log.state) });
      });
      await assert.rejects(imported(path, stores), { name: "Refused", message: /invite .* of the session s1/ });
      assert.equal(await stores.sessions.findByInvite(hash), "s1");
      assert.deepEqual(await stores.archive.sessionIds("", 10), ["s1"]);
    });

    it("[E13] has no invite whose link leads to two of its sessions", async () => {
      const path = await fileOf("c1", ["s1"], async (source) => {
        const log = WrittenLog.begun({ campaignId: "c1" }, "s2");
        const hash = lookupOf("s1", "i1");
        log.invited("i1", { tokenHash: hash });
        await source.log.append(log.records, { row: rowOf(log.state) });
      });
      const stores = openMemoryStores();
      await assert.rejects(imported(path, stores), { name: "BadCampaignFile", message: /one invite/ });
      assert.deepEqual(await stores.archive.sessionIds("", 10), []);
    });
  });

  it("[E15] goes on where it was broken off, after any step; the campaign is there last", async () => {
    const source = openMemoryStores();
    await keepSession(source);
    const { path } = await exported(source);
    const whole = await tellOf("s1", source);
    let steps = 0;
    for (let breakAt = 1; ; breakAt++) {
      const stores = openMemoryStores();
      steps = 0;
      const breaking = <T extends object>(port: T, names: readonly (keyof T)[]): T => {
        const own = names.map((name) => {
          const method = port[name] as (...args: unknown[]) => unknown;
          const counted = async (...args: unknown[]) => {
            steps += 1;
            if (steps === breakAt) throw new StoreUnavailable("broken off");
            return method.apply(port, args);
          };
          return [name, counted] as const;
        });
        return withMethods(port, Object.fromEntries(own) as Partial<T>);
      };
      const broken: Stores = {
        ...stores,
        archive: breaking(stores.archive, ["putRecords", "project"]),
        snapshots: breaking(stores.snapshots, ["save"]),
        campaigns: breaking(stores.campaigns, ["create"]),
      };
      const failure = await imported(path, broken).then(
        () => undefined,
        (error: Error) => error,
      );
      if (failure === undefined) break;
      assert.equal(failure.message, "broken off", failure.stack);
      assert.equal(await stores.campaigns.find("c1"), undefined, `broken off at step ${breakAt}`);
      await imported(path, stores);
      assert.deepEqual(await tellOf("s1", stores), whole);
      assert.deepEqual(await stores.campaigns.find("c1"), await source.campaigns.find("c1"));
    }
    assert.equal(steps, 5, "two snapshots, a page of records, the projections, the campaign");
  });
});
