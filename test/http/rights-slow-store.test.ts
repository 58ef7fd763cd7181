import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { ROUTES, requestOf, S, type Stage, stage } from "./body-routes.ts";
import { Evening } from "./evening.ts";

/** What a GM decides in a session. */
const DECISIONS = ROUTES.filter(([id, path]) => path.startsWith(S) && id !== "createStreamTicket");

/** Holds the next answer to who asks for a campaign, or for what it says of one person: it was read, and is late. */
function holdCampaign({ stores: { campaigns } }: Evening, method: "find" | "findMembership" = "find") {
  const arrived = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  let isHeld = false;
  const late = <Asked extends readonly unknown[], Found>(ask: (...asked: Asked) => Promise<Found>) => {
    return async (...asked: Asked): Promise<Found> => {
      const found = await ask(...asked);
      if (isHeld) return found;
      isHeld = true;
      arrived.resolve();
      await released.promise;
      return found;
    };
  };
  if (method === "find") campaigns.find = late(campaigns.find);
  else campaigns.findMembership = late(campaigns.findMembership);
  return { arrived: arrived.promise, release: released.resolve };
}

describe("a right that ends while a store is slow", () => {
  let evening: Evening;
  beforeEach(async () => {
    evening = await Evening.begin();
  });
  afterEach(() => evening.end());

  const ask = async (route: (typeof ROUTES)[number], at: Stage, expiresAt = evening.clock.now() + 3_600_000) => {
    const { method, path, body } = requestOf(route, at);
    const authorization = `Bearer ${await evening.tokenFor("evil", { expiresAt })}`;
    const { status, body: answer } = await evening.ask(null, method, path, { body, headers: { authorization } });
    return `${status} ${answer?.code ?? ""}`;
  };
  const takeOut = ({ campaignId }: Stage) => evening.ask("gm", "DELETE", `/api/campaigns/${campaignId}/members/evil`);
  const asleep = async () => {
    const at = await stage(evening);
    await (await evening.hosting.open(at.sessionId)).close("idle");
    return at;
  };
  /** What happened in the session since; openings are nobody's doing. */
  const deeds = async ({ sessionId }: Stage, since: number) =>
    (await evening.kinds(sessionId)).slice(since).filter((kind) => kind !== "session.restored");

  for (const route of DECISIONS) {
    const [routeId] = route;
    it(`[H73] ${routeId}: while the session is opened`, async () => {
      const at = await asleep();
      const before = (await evening.kinds(at.sessionId)).length;
      const opening = evening.stores.holdAppend();
      const asked = ask(route, at);
      await opening.arrived;
      const takenOut = takeOut(at);
      await eventually("the campaign is stored without them", async () => {
        const campaign = await evening.stores.campaigns.find(at.campaignId);
        return campaign!.members.every(({ userId }) => userId !== "evil");
      });
      opening.release();
      assert.equal(await asked, "404 not_found");
      assert.equal((await takenOut).status, 204);
      assert.deepEqual(await deeds(at, before), []);
    });

    it(`[H73] ${routeId}: while a token ends`, async () => {
      const at = await asleep();
      const opening = evening.stores.holdAppend();
      const asked = ask(route, at, evening.clock.now() + 1_000);
      await opening.arrived;
      evening.clock.pass(1_500);
      opening.release();
      assert.equal(await asked, "401 unauthenticated");
    });

    for (const [when, method] of [
      ["before the session is opened", "findMembership"],
      ["before the decision", "find"],
    ] as const) {
      // Whoever knocks need not be a member: no campaign is read for them.
      if (routeId === "knock" && method === "find") continue;
      for (const state of ["running", "sleeping"] as const) {
        it(`[H73] ${routeId}: ${when}, the campaign's answer is older than the change; ${state}`, async () => {
          const at = state === "running" ? await stage(evening) : await asleep();
          const before = (await evening.kinds(at.sessionId)).length;
          const campaign = holdCampaign(evening, method);
          const asked = ask(route, at);
          await campaign.arrived;
          assert.equal((await takeOut(at)).status, 204);
          campaign.release();
          assert.equal(await asked, "404 not_found");
          assert.deepEqual(await deeds(at, before), []);
        });
      }
    }
  }

  for (const route of ROUTES.filter(([, path]) => path.startsWith("/api/campaigns/"))) {
    it(`[H79] ${route[0]}: taken out by another process while the campaign is read`, async () => {
      const at = await stage(evening);
      const campaign = holdCampaign(evening);
      const asked = ask(route, at);
      await campaign.arrived;
      await evening.stores.campaigns.removeMember(at.campaignId, "evil");
      const before = await evening.stores.campaigns.find(at.campaignId);
      campaign.release();
      assert.equal(await asked, "404 not_found");
      assert.deepEqual(await evening.stores.campaigns.find(at.campaignId), before);
      assert.equal((await evening.stores.sessions.list(at.campaignId, { limit: 5 })).items.length, 1);
    });
  }

  it("[H73] a person who is made a GM meanwhile is not removed", async () => {
    const at = await stage(evening);
    const campaign = holdCampaign(evening);
    const removed = evening.ask("gm", "POST", `/api/sessions/${at.sessionId}/participants/player/remove`);
    await campaign.arrived;
    await evening.get("gm", "PUT", `/api/campaigns/${at.campaignId}/members/player`, { role: "gm" });
    campaign.release();
    assert.equal((await removed).status, 403);
  });

  it("[H73] a stream is not opened for somebody who was taken out meanwhile", async () => {
    const at = await stage(evening);
    const campaign = holdCampaign(evening);
    const asked = evening.ask("player", "GET", `/api/sessions/${at.sessionId}/stream`);
    await campaign.arrived;
    await evening.get("gm", "DELETE", `/api/campaigns/${at.campaignId}/members/player`);
    campaign.release();
    assert.equal((await asked).status, 404);
  });
});
