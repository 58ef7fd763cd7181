import assert from "node:assert/strict";
import { BadCursor, type EndedSession, type SessionRow } from "../../src/ports/sessions.ts";
import { recordAt, sessionRow } from "./records.ts";
import { eachTestWith, type OpenStores } from "./under-test.ts";

/** Texts that are no cursor of any store. */
export const BAD_CURSORS = [
  "",
  "x",
  "!!",
  "0",
  "e30",
  "eyJhIjoxfQ",
  "MTIz",
  "Ong",
  "YTpi",
  "MTox=",
  " ",
  "../..",
  "\0",
];

/** Rules K1 to K3 and K13, on any stores. */
export function sessionsContract(name: string, open: OpenStores): void {
  describe(`sessions: ${name}`, () => {
    const underTest = eachTestWith(open);
    const sessions = () => underTest().stores.sessions;
    const put = (row: SessionRow, pos = 1) =>
      underTest().stores.log.append([recordAt(pos, { sessionId: row.sessionId })], { row });

    it("[K1] finds a session by its id, as it was last stored", async () => {
      assert.equal(await sessions().find("s1"), undefined);
      await put(sessionRow("s1"));
      await put(sessionRow("s1", { status: "live", startedAt: 17, title: "changed" }), 2);
      assert.deepEqual(
        await sessions().find("s1"),
        sessionRow("s1", { status: "live", startedAt: 17, title: "changed" }),
      );
      assert.equal(await sessions().findByInvite("nothing"), undefined);
    });

    it("[K2] lists a campaign's sessions newest first, equal times by id, in pages without loss or repetition", async () => {
      const times = [5, 9, 9, 9, 2, 5, 9, 1, 7];
      for (const [i, createdAt] of times.entries()) await put(sessionRow(`s${i}`, { createdAt }));
      await put(sessionRow("elsewhere", { campaignId: "c2" }));
      const expected = ["s6", "s3", "s2", "s1", "s8", "s5", "s0", "s4", "s7"];
      for (const limit of [1, 2, 4, 9, 10]) {
        const seen: string[] = [];
        let cursor: string | null | undefined;
        do {
          const page = await sessions().list("c1", { limit, ...(cursor ? { cursor } : {}) });
          assert.ok(page.items.length <= limit && page.items.length > 0);
          seen.push(...page.items.map((row) => row.sessionId));
          cursor = page.nextCursor;
        } while (cursor !== null);
        assert.deepEqual(seen, expected);
      }
    });

    it("[K2] keeps its place in the list while newer sessions come", async () => {
      for (const i of [1, 2, 3]) await put(sessionRow(`s${i}`, { createdAt: i }));
      const first = await sessions().list("c1", { limit: 1 });
      await put(sessionRow("s4", { createdAt: 4 }));
      const second = await sessions().list("c1", { limit: 5, cursor: first.nextCursor! });
      assert.deepEqual(
        second.items.map((row) => row.sessionId),
        ["s2", "s1"],
      );
      assert.equal(second.nextCursor, null);
    });

    it("[K2] lists by status", async () => {
      await put(sessionRow("s1", { status: "live" }));
      await put(sessionRow("s2", { status: "ended" }));
      await put(sessionRow("s3", { status: "live" }));
      const first = await sessions().list("c1", { status: "live", limit: 1 });
      const second = await sessions().list("c1", { status: "live", limit: 1, cursor: first.nextCursor! });
      assert.deepEqual(
        [...first.items, ...second.items].map((row) => row.sessionId),
        ["s3", "s1"],
      );
      assert.equal(second.nextCursor, null);
      assert.deepEqual(await sessions().list("c1", { status: "paused", limit: 5 }), { items: [], nextCursor: null });
      assert.deepEqual(await sessions().list("none", { limit: 5 }), { items: [], nextCursor: null });
    });

    it("[K3] refuses a cursor that it did not make, and makes opaque ones", async () => {
      await put(sessionRow("s1"));
      await put(sessionRow("s2"));
      for (const cursor of BAD_CURSORS)
        await assert.rejects(sessions().list("c1", { limit: 1, cursor }), BadCursor, cursor);
      const { nextCursor } = await sessions().list("c1", { limit: 1 });
      assert.match(nextCursor!, /^[A-Za-z0-9_-]+$/);
      await assert.rejects(sessions().list("c1", { limit: 1, cursor: `${nextCursor}A` }), BadCursor);
    });

    it("[K13] names ended sessions with content by the time of their end, then by id, in pages", async () => {
      const ends = [50, 90, 90, null, 20, 50, 1_700_000_000_000, 90, 91];
      for (const [i, endedAt] of ends.entries()) {
        const status = endedAt === null ? "live" : "ended";
        await put(sessionRow(`s${i}`, { endedAt, status, campaignId: `c${i % 2}` }));
      }
      const named = async (endedBy: number, limit: number) => {
        const seen: EndedSession[] = [];
        for (let page: EndedSession[]; ; seen.push(...page)) {
          page = await sessions().endedWithContent(endedBy, limit, seen.at(-1));
          assert.ok(page.length <= limit);
          if (page.length === 0) return seen;
        }
      };
      const expected = ["s4", "s0", "s5", "s1", "s2", "s7"].map((id) => ({ sessionId: id, endedAt: ends[+id[1]!] }));
      for (const limit of [1, 2, 3, 6, 7]) assert.deepEqual(await named(90, limit), expected);
      assert.deepEqual(await named(89, 10), expected.slice(0, 3));
      assert.deepEqual(await named(19, 10), []);
      assert.equal((await named(Number.MAX_SAFE_INTEGER, 10)).length, 8);
    });

    it("[K13] names none whose content was noted as gone, for good: not after later records, nor after reopening", async () => {
      for (const id of ["s1", "s2"]) await put(sessionRow(id, { endedAt: 5, status: "ended" }));
      await sessions().contentGone("s1");
      await sessions().contentGone("s1");
      await sessions().contentGone("no such session");
      const named = async () => (await sessions().endedWithContent(9, 9)).map(({ sessionId }) => sessionId);
      assert.deepEqual(await named(), ["s2"]);
      await put(sessionRow("s1", { endedAt: 5, status: "ended", title: "changed" }), 2);
      assert.deepEqual(await named(), ["s2"]);
      await underTest().reopen();
      assert.deepEqual(await named(), ["s2"]);
      assert.deepEqual(
        await sessions().find("s1"),
        sessionRow("s1", { endedAt: 5, status: "ended", title: "changed" }),
      );
      assert.equal(await sessions().find("no such session"), undefined);
      assert.deepEqual((await sessions().list("c1", { status: "ended", limit: 5 })).items.length, 2);
    });

    it("[V25] names live sessions with autoPauseWhenNoGm, by id, in pages, as they are now", async () => {
      const settings = (autoPauseWhenNoGm: number) => ({ ...sessionRow("s").settings, autoPauseWhenNoGm });
      const live = (id: string, seconds: number) =>
        sessionRow(id, { status: "live", settings: settings(seconds), campaignId: id });
      for (const id of ["s3", "s1", "S2", "s-4", "s5"]) await put(live(id, 90));
      await put(live("never", 0));
      for (const status of ["created", "paused", "ended"] as const) {
        await put(sessionRow(status, { status, settings: settings(90) }));
      }
      const named = async (limit: number) => {
        const seen: string[] = [];
        for (let page: string[]; ; seen.push(...page)) {
          page = await sessions().liveWithAutoPause(seen.at(-1) ?? "", limit);
          assert.ok(page.length <= limit);
          if (page.length === 0) return seen;
        }
      };
      for (const limit of [1, 2, 5, 9]) assert.deepEqual(await named(limit), ["S2", "s-4", "s1", "s3", "s5"]);
      await put(sessionRow("s1", { status: "paused", settings: settings(90) }), 2);
      await put(live("s3", 0), 2);
      await put(live("never", 1), 2);
      assert.deepEqual(await named(9), ["S2", "never", "s-4", "s5"]);
      await underTest().reopen();
      assert.deepEqual(await named(9), ["S2", "never", "s-4", "s5"]);
      assert.equal((await sessions().find("s5"))?.settings.autoPauseWhenNoGm, 90);
    });
  });
}
