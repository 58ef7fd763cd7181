import assert from "node:assert/strict";
import { Evening } from "./evening.ts";

describe("who is taken out of a campaign", () => {
  let evening: Evening;
  let campaignId: string;
  let sessionId: string;
  beforeEach(async () => {
    evening = await Evening.begin();
    campaignId = await evening.campaign();
    sessionId = await evening.session(campaignId);
  });
  afterEach(() => evening.end());

  const members = (userId: string) => `/api/campaigns/${campaignId}/members/${userId}`;
  const make = (userId: string) => evening.get("gm", "PUT", members(userId), { role: "player" });
  const takeOut = async (userId: string, by = "gm") =>
    assert.equal((await evening.ask(by, "DELETE", members(userId))).status, 204);
  const status = async (userId: string, path: string) => (await evening.ask(userId, "GET", path)).status;
  const close = async (): Promise<void> => {
    const session = await evening.hosting.open(sessionId);
    await session.close("idle");
  };

  for (const where of ["that runs", "that does not run"] as const) {
    it(`[T16] an invitee who was made member and taken out is out of a session ${where}; a newer invite admits`, async () => {
      const old = await evening.invite(sessionId, { maxUses: 9 });
      assert.equal(await evening.join(sessionId, "ann", old.token), undefined);
      await make("ann");
      if (where === "that does not run") await close();
      await takeOut("ann");
      assert.equal(await status("ann", `/api/sessions/${sessionId}`), 404);
      assert.equal(await status("ann", `/api/sessions/${sessionId}/state`), 404);
      assert.equal(await status("ann", `/api/invites/${old.token}`), 404);
      assert.equal(await evening.join(sessionId, "ann", old.token), "not_found");
      assert.equal(await evening.join(sessionId, "ann"), "not_found");
      assert.equal((await evening.hosting.open(sessionId)).committed.places.has("ann"), false);
      assert.equal(await evening.join(sessionId, "ben", old.token), undefined, "it is good for others");
      const fresh = await evening.invite(sessionId);
      assert.equal(await status("ann", `/api/invites/${fresh.token}`), 200);
      assert.equal(await evening.join(sessionId, "ann", fresh.token), undefined);
      assert.equal(await status("ann", `/api/sessions/${sessionId}`), 200);
      await close();
      assert.equal(await status("ann", `/api/sessions/${sessionId}`), 200, "and stays an invitee by it");
    });
  }

  it("[T16] a member who never used an invite is not admitted by one from before, nor who left by themselves", async () => {
    const old = await evening.invite(sessionId, { maxUses: 9 });
    for (const [userId, by] of [
      ["ann", "gm"],
      ["ben", "ben"],
    ] as const) {
      await make(userId);
      await takeOut(userId, by);
      assert.equal(await evening.join(sessionId, userId, old.token), "not_found");
      assert.equal(await status(userId, `/api/invites/${old.token}`), 404);
    }
  });

  it("[T16] a clock that jumps back between the removal and the invite makes no difference", async () => {
    await make("ann");
    const old = await evening.invite(sessionId);
    await takeOut("ann");
    evening.clock.jump(-3_600_000);
    const fresh = await evening.invite(sessionId);
    assert.equal(await evening.join(sessionId, "ann", old.token), "not_found");
    assert.equal(await evening.join(sessionId, "ann", fresh.token), undefined);
  });

  it("[T16] an older invite of another session of the campaign admits them as little", async () => {
    const other = await evening.session(campaignId);
    const old = await evening.invite(other);
    await make("ann");
    await takeOut("ann");
    assert.equal(await evening.join(other, "ann", old.token), "not_found");
    await make("ann");
    assert.equal(await evening.join(other, "ann", old.token), undefined, "a member again needs none");
    await takeOut("ann");
    assert.equal(await evening.join(other, "ann", old.token), "not_found");
  });

  it("[T16] an unbanned person is let in by what admitted them, unless they were taken out as well", async () => {
    const old = await evening.invite(sessionId, { maxUses: 9 });
    for (const userId of ["ann", "ben"]) await evening.join(sessionId, userId, old.token);
    await make("ann");
    for (const userId of ["ann", "ben"]) {
      await evening.get("gm", "POST", `/api/sessions/${sessionId}/participants/${userId}/remove`, { ban: true });
    }
    await takeOut("ann");
    for (const userId of ["ann", "ben"]) await evening.get("gm", "DELETE", `/api/sessions/${sessionId}/bans/${userId}`);
    assert.equal(await evening.join(sessionId, "ben"), undefined);
    assert.equal(await evening.join(sessionId, "ann", old.token), "not_found");
  });
});
