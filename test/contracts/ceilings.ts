import assert from "node:assert/strict";
import { MAX_CAMPAIGNS_PER_USER, MAX_MEMBERS, MAX_OPEN_SESSIONS, MAX_SESSIONS } from "../../src/core/ceilings.ts";
import type { Status } from "../../src/core/session.ts";
import type { Campaign, Member } from "../../src/ports/campaigns.ts";
import { StoreUnavailable } from "../../src/ports/failures.ts";
import { recordAt, sessionRow } from "./records.ts";
import { eachTestWith, type OpenStores } from "./under-test.ts";

const member = (userId: string, role: Member["role"]): Member => ({ userId, name: null, role });
const campaign = (id: string, members: readonly Member[] = [member("gm", "gm")]): Campaign => {
  return { id, name: id, createdAt: 1, members, removals: 0 };
};
const count = (outcomes: readonly unknown[], which: unknown) => outcomes.filter((one) => one === which).length;

/** A store that has too much to do says so, for certain: one asks again. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
    }
  }
}

/** Rules H78 and H79, on any stores: what is decided where it is stored. */
export function ceilingsContract(name: string, open: OpenStores): void {
  describe(`ceilings and rights in one step: ${name}`, function () {
    this.timeout(120_000);
    const underTest = eachTestWith(open);
    const campaigns = () => underTest().stores.campaigns;

    const first = (sessionId: string, at: number, campaignId: string, status: Status = "created") => {
      const record = recordAt(1, { sessionId, writer: sessionId, at });
      return [record, { row: sessionRow(sessionId, { createdAt: at, campaignId, status }) }] as const;
    };
    const add = (sessionId: string, at: number, by: string, status: Status = "created", campaignId = "c1") =>
      campaigns().addSession(campaignId, ...first(sessionId, at, campaignId, status), by);

    it("[H78] a user creates a hundred campaigns, under any race; again under its id counts once", async () => {
      const ask = (i: number) => campaigns().create(campaign(`c${i}`), "gm");
      for (let i = 0; i < MAX_CAMPAIGNS_PER_USER - 5; i++) assert.equal(await ask(i), "created");
      assert.equal(await ask(3), "created");
      const outcomes = await Promise.all(Array.from({ length: 12 }, (_, i) => ask(1_000 + i)));
      assert.equal(count(outcomes, "created"), 5);
      assert.equal(count(outcomes, "limit_reached"), 7);
      await underTest().reopen();
      assert.equal(await ask(2_000), "limit_reached");
      assert.equal(await campaigns().find("c2000"), undefined);
      assert.equal(await ask(3), "created", "it is there");
      assert.equal(await campaigns().create(campaign("other"), "bo"), "created", "another user's");
      assert.equal(await campaigns().create(campaign("server's")), "created", "nobody's");
    });

    it("[H78] a campaign has 500 members, under any race; those that are there may change", async () => {
      const members = [
        member("gm", "gm"),
        ...Array.from({ length: MAX_MEMBERS - 4 }, (_, i) => member(`u${i}`, "player")),
      ];
      await campaigns().create(campaign("c1", members));
      const outcomes = await Promise.all(
        Array.from({ length: 8 }, (_, i) =>
          untilAnswered(() => campaigns().putMember("c1", { userId: `new${i}`, role: "player" }, "gm")),
        ),
      );
      assert.equal(count(outcomes, "limit_reached"), 5);
      assert.equal((await campaigns().find("c1"))?.members.length, MAX_MEMBERS);
      assert.equal(typeof (await campaigns().putMember("c1", { userId: "u1", role: "gm" }, "gm")), "object");
      assert.equal(typeof (await campaigns().removeMember("c1", "u2", "gm")), "object");
      assert.equal(typeof (await campaigns().putMember("c1", { userId: "one more", role: "player" }, "gm")), "object");
    });

    it("[H78] a campaign has 200 sessions that have not ended, under any race", async () => {
      await campaigns().create(campaign("c1"));
      for (let i = 0; i < 3; i++) assert.equal(await add(`ended${i}`, i, "gm", "ended"), "added");
      for (let i = 0; i < MAX_OPEN_SESSIONS - 4; i++) assert.equal(await add(`s${i}`, 10 + i, "gm"), "added");
      const outcomes = await Promise.all(Array.from({ length: 10 }, (_, i) => add(`race${i}`, 1_000 + i, "gm")));
      assert.equal(count(outcomes, "added"), 4);
      assert.equal(count(outcomes, "limit_reached"), 6);
      const refused = outcomes.indexOf("limit_reached");
      assert.equal(await underTest().stores.sessions.find(`race${refused}`), undefined);
      assert.deepEqual(await underTest().stores.log.read(`race${refused}`, 0, 1), []);
      assert.equal(await add("s1", 11, "gm"), "added", "it is there");
      // One ends: there is room for one.
      const ending = sessionRow("s0", { createdAt: 10, campaignId: "c1", status: "ended", endedAt: 5_000 });
      await underTest().stores.log.append([recordAt(2, { sessionId: "s0" })], { row: ending });
      assert.equal(await add("after", 2_000, "gm"), "added");
      assert.equal(await add("after that", 2_001, "gm"), "limit_reached");
    });

    it("[H78] a campaign has 2,000 sessions in all", async () => {
      await campaigns().create(campaign("c1"));
      for (let i = 0; i < MAX_SESSIONS - 1; i += 50) {
        const some = Array.from({ length: Math.min(50, MAX_SESSIONS - 1 - i) }, (_, k) => i + k);
        const stored = some.map((n) => {
          const [record, projection] = first(`s${n}`, n, "c1", "ended");
          return underTest().stores.log.append([record], projection);
        });
        await Promise.all(stored);
      }
      const outcomes = await Promise.all([add("x", 9_000, "gm"), add("y", 9_001, "gm")]);
      assert.deepEqual(outcomes.toSorted(), ["added", "limit_reached"]);
    });

    it("[H79] who is no GM at that moment changes nothing, under any race; the server may", async () => {
      await campaigns().create(campaign("c1", [member("gm", "gm"), member("evil", "gm"), member("bo", "player")]));
      assert.equal(await campaigns().putMember("c1", { userId: "x", role: "gm" }, "bo"), "not_gm");
      assert.equal(await campaigns().putMember("c1", { userId: "x", role: "gm" }, "nobody"), "not_gm");
      assert.equal(await campaigns().removeMember("c1", "gm", "bo"), "not_gm");
      assert.equal(await add("s1", 1, "bo"), "not_gm");
      assert.equal(await add("s1", 1, "gm", "created", "nowhere"), "not_gm");
      assert.equal(typeof (await campaigns().removeMember("c1", "bo", "bo")), "object", "everybody may leave");
      assert.equal(await campaigns().putMember("none", { userId: "x", role: "gm" }, "gm"), undefined);
      for (let round = 0; round < 20; round++) {
        const [removed, back, session] = await Promise.all([
          campaigns().removeMember("c1", "evil", "gm"),
          campaigns().putMember("c1", { userId: "friend", role: "gm" }, "evil"),
          add(`by evil ${round}`, round, "evil"),
        ]);
        assert.equal(typeof removed, "object");
        const members = (await campaigns().find("c1"))!.members.map(({ userId }) => userId);
        assert.equal(members.includes("friend"), typeof back === "object");
        assert.ok(!members.includes("evil"));
        assert.equal((await underTest().stores.sessions.find(`by evil ${round}`)) !== undefined, session === "added");
        assert.equal(await campaigns().putMember("c1", { userId: "evil", role: "gm" }, "evil"), "not_gm");
        await campaigns().removeMember("c1", "friend");
        await campaigns().putMember("c1", { userId: "evil", role: "gm" });
      }
    });
  });
}
