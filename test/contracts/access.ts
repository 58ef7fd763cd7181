import assert from "node:assert/strict";
import { PositionTaken } from "../../src/ports/failures.ts";
import type { AccessRows } from "../../src/ports/sessions.ts";
import { AWKWARD_NAMES, accessRows, inviteOf, personRow, recordAt, sessionRow } from "./records.ts";
import { eachTestWith, type OpenStores } from "./under-test.ts";

/** Rules L51 to L53, on any stores. */
export function accessContract(name: string, open: OpenStores): void {
  describe(`who may come in: ${name}`, () => {
    const underTest = eachTestWith(open);
    const stores = () => underTest().stores;
    const sessions = () => underTest().stores.sessions;
    const append = (pos: number, access: AccessRows, sessionId = "s1") =>
      stores().log.append([recordAt(pos, { sessionId })], { access });
    const begin = (sessionId = "s1") =>
      stores().log.append([recordAt(1, { sessionId })], {
        row: sessionRow(sessionId),
        access: accessRows({}),
        isWhole: true,
      });
    const invitee = { inviteId: "id of h1", role: "player", used: ["id of h1"] } as const;

    it("[L51] people and invites are stored with their record, as it says, also after reopening", async () => {
      await begin();
      const kim = personRow("kim", { invitee, hasPlace: true });
      await append(2, { people: [kim, personRow("lee", { banned: true })], invites: [inviteOf("h1", { uses: 1 })] });
      await append(3, accessRows({ people: [personRow("kim", { invitee })] }));
      await underTest().reopen();
      assert.deepEqual((await sessions().access("s1", "kim"))?.person, personRow("kim", { invitee }));
      assert.deepEqual((await sessions().access("s1", "lee"))?.person, personRow("lee", { banned: true }));
      assert.equal((await sessions().access("s1", "mo"))?.person, undefined);
      assert.deepEqual(await sessions().invitesOf("s1"), [inviteOf("h1", { uses: 1 })]);
      assert.equal(await sessions().findByInvite("h1"), "s1");
    });

    it("[L51] nothing of a call that is not stored", async () => {
      await begin();
      await append(2, accessRows({ people: [personRow("kim")] }));
      const other = recordAt(2, { writer: "other" });
      const access = accessRows({ people: [personRow("kim", { banned: true })], invites: ["h1"] });
      await assert.rejects(stores().log.append([other], { access }), PositionTaken);
      assert.deepEqual((await sessions().access("s1", "kim"))?.person, personRow("kim"));
      assert.equal(await sessions().findByInvite("h1"), undefined);
      assert.deepEqual(await sessions().invitesOf("s1"), []);
    });

    it("[L51] a row gives way to that of a later record alone", async () => {
      await begin();
      await append(2, { people: [personRow("kim", { banned: true })], invites: [inviteOf("h1", { uses: 2 })] });
      const former = { people: [personRow("kim"), personRow("lee")], invites: [inviteOf("h1"), inviteOf("h2")] };
      await sessions().learn("s1", former, 1);
      assert.deepEqual((await sessions().access("s1", "kim"))?.person, personRow("kim", { banned: true }));
      assert.deepEqual((await sessions().access("s1", "lee"))?.person, personRow("lee"));
      assert.deepEqual(
        (await sessions().invitesOf("s1")).map(({ id, uses }) => `${id} ${uses}`),
        ["id of h1 2", "id of h2 0"],
      );
      // The identical call again, after a later one.
      await append(3, accessRows({ people: [personRow("kim")] }));
      await append(2, accessRows({ people: [personRow("kim", { banned: true })] }));
      assert.deepEqual((await sessions().access("s1", "kim"))?.person, personRow("kim"));
    });

    it("[L52] a session is looked up with what is noted of one person, and the invites that concern them", async () => {
      for (const sessionId of ["s1", "s2"]) await begin(sessionId);
      await append(2, { people: [personRow("kim", { invitee })], invites: ["h1", "h2"].map((hash) => inviteOf(hash)) });
      await append(2, accessRows({ people: [personRow("kim", { banned: true })], invites: ["h3"] }), "s2");
      const seen = async (sessionId: string, userId: string, hash?: string) => {
        const found = await sessions().access(sessionId, userId, hash);
        return found && [found.row.sessionId, found.person?.banned, found.invites.map(({ id }) => id).sort()];
      };
      assert.deepEqual(await seen("s1", "kim"), ["s1", false, ["id of h1"]]);
      assert.deepEqual(await seen("s1", "kim", "h2"), ["s1", false, ["id of h1", "id of h2"]]);
      assert.deepEqual(await seen("s1", "mo", "h2"), ["s1", undefined, ["id of h2"]]);
      assert.deepEqual(await seen("s1", "mo", "h3"), ["s1", undefined, []], "an invite of another session");
      assert.deepEqual(await seen("s2", "kim", "h9"), ["s2", true, []]);
      assert.equal(await seen("s3", "kim", "h1"), undefined);
      const knock = { status: "waiting", via: "invite:id of h2", removal: 7, passing: false } as const;
      await append(3, accessRows({ people: [personRow("mo", { knock }), personRow("kim", { invitee, knock })] }));
      assert.deepEqual((await sessions().access("s1", "mo"))?.person, personRow("mo", { knock }));
      assert.deepEqual(await seen("s1", "mo"), ["s1", false, ["id of h2"]], "the invite by which they knocked");
      assert.deepEqual(await seen("s1", "kim"), ["s1", false, ["id of h1", "id of h2"]]);
    });

    it("[L52] whatever people and sessions are called", async () => {
      for (const [i, text] of AWKWARD_NAMES.entries()) {
        const sessionId = `s-${i}-${text}`;
        await begin(sessionId);
        await append(2, accessRows({ people: [personRow(text, { hasPlace: true })] }), sessionId);
        const found = await sessions().access(sessionId, text);
        assert.deepEqual(found?.person, personRow(text, { hasPlace: true }));
        assert.equal((await sessions().access(sessionId, `${text}x`))?.person, undefined);
      }
    });

    it("[L52] invites come in the order in which they were made", async () => {
      await begin();
      const made = [["h9", 5], ["h1", 7], ["h5", 5], ["h2", 1]] as const; // biome-ignore format: a table
      await append(2, { people: [], invites: made.map(([hash, createdAt]) => inviteOf(hash, { createdAt })) });
      assert.deepEqual(
        (await sessions().invitesOf("s1")).map(({ tokenHash }) => tokenHash),
        ["h2", "h5", "h9", "h1"],
      );
    });

    it("[L53] sessions of which a former program noted nothing are named, in pages, until it is made up for", async () => {
      await begin("known");
      for (const id of ["s3", "s1", "s2"]) {
        await stores().log.append([recordAt(1, { sessionId: id })], { row: sessionRow(id) });
      }
      const named = async (limit: number) => {
        const seen: string[] = [];
        for (let page: string[]; ; seen.push(...page)) {
          page = await sessions().unlearned(seen.at(-1) ?? "", limit);
          assert.ok(page.length <= limit);
          if (page.length === 0) return seen;
        }
      };
      for (const limit of [1, 2, 5]) assert.deepEqual(await named(limit), ["s1", "s2", "s3"]);
      assert.equal((await sessions().access("s2", "kim"))?.isLearned, false);
      await sessions().learn("s2", accessRows({ people: [personRow("kim", { banned: true })], invites: ["h1"] }), 1);
      await sessions().learn("no such session", accessRows({}), 1);
      await underTest().reopen();
      const { isLearned, person } = (await sessions().access("s2", "kim"))!;
      assert.deepEqual([isLearned, person], [true, personRow("kim", { banned: true })]);
      assert.deepEqual(await named(5), ["s1", "s3"]);
      await stores().log.append([recordAt(2, { sessionId: "s2" })], { row: sessionRow("s2", { title: "later" }) });
      assert.equal((await sessions().access("s2", "kim"))?.isLearned, true);
      await stores().archive.project("s1", sessionRow("s1"), accessRows({}), 1);
      assert.deepEqual(await named(5), ["s3"]);
    });
  });
}
