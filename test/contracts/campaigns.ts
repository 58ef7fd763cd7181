import assert from "node:assert/strict";
import { type Campaign, type FormerMember, type Member, NO_MEMBERSHIP } from "../../src/ports/campaigns.ts";
import { BadCursor } from "../../src/ports/sessions.ts";
import { AWKWARD_NAMES } from "./records.ts";
import { BAD_CURSORS } from "./sessions.ts";
import { eachTestWith, type OpenStores } from "./under-test.ts";

function campaign(id: string, more: Partial<Campaign> = {}): Campaign {
  const plain = { name: `Campaign ${id}`, createdAt: 1_700_000_000_000, removals: 0 };
  return { id, ...plain, members: [member("kim", "gm")], ...more };
}

function member(userId: string, role: Member["role"], name: string | null = null): Member {
  return { userId, name, role };
}

/** Rules K3 to K6, on any stores. */
export function campaignsContract(name: string, open: OpenStores): void {
  describe(`campaigns: ${name}`, () => {
    const underTest = eachTestWith(open);
    const campaigns = () => underTest().stores.campaigns;

    it("[K4] finds what was created, members in the order of their coming, also after reopening", async () => {
      const members = [member("kim", "gm", "Kim"), member("bo", "player"), member("ann", "spectator")];
      await campaigns().create(campaign("c1", { members }));
      await campaigns().putMember("c1", { userId: "aaa", role: "player" });
      await campaigns().putMember("c1", { userId: "bo", role: "gm" });
      await underTest().reopen();
      const expected = [members[0], member("bo", "gm"), members[2], member("aaa", "player")];
      assert.deepEqual(await campaigns().find("c1"), campaign("c1", { members: expected as Member[] }));
      assert.equal(await campaigns().find("c2"), undefined);
    });

    it("[K4] finds what it says of one person alone", async () => {
      const members = ["kim", "lee"].map((userId) => ({ userId, name: null, role: "gm" }) as const);
      await campaigns().create({ id: "c1", name: "Campaign", createdAt: 1, members });
      await campaigns().putMember("c1", { userId: "mo", role: "player", name: "Mo" });
      const memberIn = async (id: string, userId: string) => (await campaigns().findMembership(id, userId)).member;
      assert.deepEqual(await memberIn("c1", "lee"), members[1]);
      assert.deepEqual(await memberIn("c1", "mo"), { userId: "mo", name: "Mo", role: "player" });
      assert.deepEqual(await campaigns().findMembership("c1", "nobody"), NO_MEMBERSHIP);
      assert.deepEqual(await campaigns().findMembership("c2", "kim"), NO_MEMBERSHIP);
    });

    it("[T17] counts removals, and knows of everybody by which one they went last, also after reopening", async () => {
      await campaigns().create(campaign("c1", { members: [member("kim", "gm"), member("bo", "gm")] }));
      await campaigns().create(campaign("c2"));
      for (const userId of ["lee", "mo"]) await campaigns().putMember("c1", { userId, role: "player" });
      await campaigns().removeMember("c1", "mo");
      const afterLee = await campaigns().removeMember("c1", "lee");
      assert.equal(typeof afterLee === "object" && afterLee.removals, 2);
      assert.equal(await campaigns().removeMember("c1", "lee"), "not_member");
      await campaigns().putMember("c1", { userId: "mo", role: "gm", name: "Mo" });
      await underTest().reopen();
      const membership = (userId: string, id = "c1") => campaigns().findMembership(id, userId);
      assert.deepEqual(await membership("lee"), { member: undefined, removal: 2, removals: 2 });
      assert.deepEqual(await membership("mo"), { member: member("mo", "gm", "Mo"), removal: 1, removals: 2 });
      assert.deepEqual(await membership("kim"), { member: member("kim", "gm"), removal: 0, removals: 2 });
      assert.deepEqual(await membership("lee", "c2"), NO_MEMBERSHIP);
      await campaigns().removeMember("c1", "mo");
      assert.deepEqual(await membership("mo"), { member: undefined, removal: 3, removals: 3 });
      assert.equal((await campaigns().find("c1"))?.removals, 3);
      assert.equal((await campaigns().listOf("kim", { limit: 5 })).items.find(({ id }) => id === "c1")?.removals, 3);
    });

    it("[T17] no two removals have the same number, however many come at once; one that is refused has none", async () => {
      const players = Array.from({ length: 12 }, (_, i) => member(`p${i}`, "player"));
      await campaigns().create(campaign("c1", { members: [member("kim", "gm"), ...players] }));
      await Promise.all([
        ...players.map(({ userId }) => campaigns().removeMember("c1", userId)),
        campaigns().removeMember("c1", "kim"),
        campaigns().removeMember("c1", "nobody"),
      ]);
      const numbers = await Promise.all(
        players.map(async ({ userId }) => (await campaigns().findMembership("c1", userId)).removal),
      );
      assert.deepEqual(
        numbers.sort((a, b) => a - b),
        players.map((_, i) => i + 1),
      );
      assert.equal((await campaigns().find("c1"))?.removals, 12);
    });

    it("[T17] tells who was taken out, in pages, and takes it from elsewhere", async () => {
      const former = ["a", "B", "ö", "\u{1f409}", "z"].map((userId, i) => ({ userId, removal: i + 1 }));
      await campaigns().create({ ...campaign("c1", { removals: 9 }), former });
      await campaigns().create(campaign("c2"));
      const told: FormerMember[] = [];
      for (let after = ""; ; ) {
        const page = await campaigns().formerMembers("c1", after, 2);
        told.push(...page);
        if (page.length < 2) break;
        after = page.at(-1)!.userId;
      }
      const byBytes = former.toSorted((a, b) => Buffer.compare(Buffer.from(a.userId), Buffer.from(b.userId)));
      assert.deepEqual(told, byBytes);
      assert.deepEqual(await campaigns().formerMembers("c2", "", 10), []);
      assert.deepEqual(await campaigns().findMembership("c1", "z"), { member: undefined, removal: 5, removals: 9 });
    });

    it("[K4] creates once: the same call again changes nothing", async () => {
      await campaigns().create(campaign("c1"));
      await campaigns().putMember("c1", { userId: "bo", role: "player" });
      await campaigns().create(campaign("c1"));
      assert.deepEqual(
        (await campaigns().find("c1"))?.members.map((m) => m.userId),
        ["kim", "bo"],
      );
    });

    it("[K4] keeps names of any kind", async () => {
      for (const [i, text] of AWKWARD_NAMES.entries()) {
        await campaigns().create(campaign(`c${i}`, { name: text, members: [member(text, "gm", text)] }));
        assert.deepEqual(
          await campaigns().find(`c${i}`),
          campaign(`c${i}`, { name: text, members: [member(text, "gm", text)] }),
        );
        const mine = await campaigns().listOf(text, { limit: 5 });
        assert.deepEqual(
          mine.items.map((c) => c.id),
          [`c${i}`],
        );
      }
    });

    it("[K4] adds and changes members; a name that is not given stays", async () => {
      await campaigns().create(campaign("c1"));
      assert.deepEqual(
        await campaigns().putMember("c1", { userId: "bo", role: "player", name: "Bo" }),
        campaign("c1", { members: [member("kim", "gm"), member("bo", "player", "Bo")] }),
      );
      const changed = await campaigns().putMember("c1", { userId: "bo", role: "spectator" });
      assert.deepEqual(changed, campaign("c1", { members: [member("kim", "gm"), member("bo", "spectator", "Bo")] }));
      assert.deepEqual(await campaigns().find("c1"), changed);
      assert.equal(await campaigns().putMember("none", { userId: "bo", role: "gm" }), undefined);
    });

    it("[K4] removes members; who comes back comes last", async () => {
      const members = [member("kim", "gm"), member("bo", "player"), member("ann", "player")];
      await campaigns().create(campaign("c1", { members }));
      assert.deepEqual(
        await campaigns().removeMember("c1", "bo"),
        campaign("c1", { members: [members[0]!, members[2]!], removals: 1 }),
      );
      assert.equal(await campaigns().removeMember("c1", "bo"), "not_member");
      assert.equal(await campaigns().removeMember("none", "bo"), undefined);
      await campaigns().putMember("c1", { userId: "bo", role: "player" });
      assert.deepEqual(
        (await campaigns().find("c1"))?.members.map((m) => m.userId),
        ["kim", "ann", "bo"],
      );
      assert.deepEqual((await campaigns().listOf("bo", { limit: 5 })).items.length, 1);
    });

    it("[K5] never lets the last GM go, and changes nothing then", async () => {
      const before = campaign("c1", { members: [member("kim", "gm", "Kim"), member("bo", "player")] });
      await campaigns().create(before);
      assert.equal(await campaigns().putMember("c1", { userId: "kim", role: "player", name: "X" }), "last_gm");
      assert.equal(await campaigns().removeMember("c1", "kim"), "last_gm");
      assert.deepEqual(await campaigns().find("c1"), before);
      await campaigns().putMember("c1", { userId: "kim", role: "gm", name: "K" });
      await campaigns().putMember("c1", { userId: "bo", role: "gm" });
      assert.notEqual(await campaigns().removeMember("c1", "kim"), "last_gm");
    });

    it("[K5] keeps exactly one GM when all leave or step down at once", async () => {
      for (let round = 0; round < 10; round++) {
        const id = `race${round}`;
        const gms = Array.from({ length: 8 }, (_, i) => member(`gm${i}`, "gm"));
        await campaigns().create(campaign(id, { members: gms }));
        const outcomes = await Promise.all(
          gms.map(({ userId }, i) =>
            i % 2 === 0 ? campaigns().removeMember(id, userId) : campaigns().putMember(id, { userId, role: "player" }),
          ),
        );
        assert.equal(outcomes.filter((outcome) => outcome === "last_gm").length, 1);
        assert.equal((await campaigns().find(id))?.members.filter((m) => m.role === "gm").length, 1);
      }
    });

    it("[K6] lists somebody's campaigns newest first, equal times by id, in pages", async () => {
      const members = [member("kim", "gm"), member("bo", "player")];
      for (const [i, createdAt] of [5, 9, 9, 2, 9].entries())
        await campaigns().create(campaign(`c${i}`, { createdAt, members }));
      await campaigns().create(campaign("not-bo", { createdAt: 99 }));
      for (const limit of [1, 2, 5, 6]) {
        const seen: Campaign[] = [];
        let cursor: string | null | undefined;
        do {
          const page = await campaigns().listOf("bo", { limit, ...(cursor ? { cursor } : {}) });
          assert.ok(page.items.length <= limit && page.items.length > 0);
          seen.push(...page.items);
          cursor = page.nextCursor;
        } while (cursor !== null);
        assert.deepEqual(
          seen.map((c) => c.id),
          ["c4", "c2", "c1", "c0", "c3"],
        );
        assert.deepEqual(seen[0], campaign("c4", { createdAt: 9, members }));
      }
      assert.deepEqual(await campaigns().listOf("nobody", { limit: 5 }), { items: [], nextCursor: null });
    });

    it("[K6] tells whose GM somebody is, by name, as it now is", async () => {
      const led = async (userId: string) =>
        [...(await campaigns().ledBy(userId))].sort((a, b) => (a.id < b.id ? -1 : 1));
      await campaigns().create(
        campaign("c1", { name: "One 🎲", members: [member("kim", "gm"), member("bo", "player")] }),
      );
      await campaigns().create(campaign("c2", { name: "Two", members: [member("bo", "gm"), member("kim", "gm")] }));
      await campaigns().create(campaign("c3", { members: [member("ann", "gm"), member("kim", "spectator")] }));
      assert.deepEqual(await led("kim"), [
        { id: "c1", name: "One 🎲" },
        { id: "c2", name: "Two" },
      ]);
      await campaigns().putMember("c2", { userId: "kim", role: "player" });
      await campaigns().putMember("c3", { userId: "bo", role: "gm" });
      assert.deepEqual(
        (await led("kim")).map(({ id }) => id),
        ["c1"],
      );
      assert.deepEqual(
        (await led("bo")).map(({ id }) => id),
        ["c2", "c3"],
      );
      assert.deepEqual(await led("nobody"), []);
    });

    it("[K3] refuses a cursor that it did not make", async () => {
      for (const cursor of BAD_CURSORS)
        await assert.rejects(campaigns().listOf("kim", { limit: 1, cursor }), BadCursor, cursor);
    });
  });
}
