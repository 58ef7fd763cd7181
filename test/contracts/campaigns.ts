import assert from "node:assert/strict";
import type { Campaign, Member } from "../../src/ports/campaigns.ts";
import { BadCursor } from "../../src/ports/sessions.ts";
import { AWKWARD_NAMES } from "./records.ts";
import { BAD_CURSORS } from "./sessions.ts";
import { eachTestWith, type OpenStores } from "./under-test.ts";

function campaign(id: string, more: Partial<Campaign> = {}): Campaign {
  return { id, name: `Campaign ${id}`, createdAt: 1_700_000_000_000, members: [member("kim", "gm")], ...more };
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

    it("[K4] finds one member alone", async () => {
      const members = ["kim", "lee"].map((userId) => ({ userId, name: null, role: "gm" }) as const);
      await campaigns().create({ id: "c1", name: "Campaign", createdAt: 1, members });
      await campaigns().putMember("c1", { userId: "mo", role: "player", name: "Mo" });
      assert.deepEqual(await campaigns().findMember("c1", "lee"), members[1]);
      assert.deepEqual(await campaigns().findMember("c1", "mo"), { userId: "mo", name: "Mo", role: "player" });
      assert.equal(await campaigns().findMember("c1", "nobody"), undefined);
      assert.equal(await campaigns().findMember("c2", "kim"), undefined);
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
        campaign("c1", { members: [members[0]!, members[2]!] }),
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

    it("[K3] refuses a cursor that it did not make", async () => {
      for (const cursor of BAD_CURSORS)
        await assert.rejects(campaigns().listOf("kim", { limit: 1, cursor }), BadCursor, cursor);
    });
  });
}
