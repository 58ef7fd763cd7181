import assert from "node:assert/strict";
import { type KnockOptions, KnockRefused, knock, sendKnock } from "../../clients/js/src/index.ts";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { Person } from "../support/people.ts";
import { ServerProcess } from "../support/server.ts";

describe("a knock by the js client", function () {
  this.timeout(40_000);
  let server: ServerProcess;
  let evening: Evening;
  before(async () => {
    server = await ServerProcess.start();
  });
  after(() => server.dispose());
  beforeEach(async () => {
    const session = { settings: { admission: "approve" } };
    evening = await Evening.prepare(server, { members: { kim: "player" }, session });
  });

  const options = (person: Person, more: Partial<KnockOptions> = {}): KnockOptions => {
    return { endpoint: server.url, sessionId: evening.sessionId, token: person.token, ...more };
  };
  const waits = async () => {
    const { items } = await evening.gm.get<{ items: { userId: string; message: string | null }[] }>(
      "GET",
      `${evening.path}/knocks`,
    );
    return items.map(({ userId, message }) => `${userId}: ${message}`);
  };
  const answer = (userId: string, what: "admit" | "deny", body?: object) =>
    evening.gm.get("POST", `${evening.path}/knocks/${userId}/${what}`, body);
  const refused = async (knocking: Promise<unknown>) => {
    try {
      await knocking;
    } catch (error) {
      assert.ok(error instanceof KnockRefused, String(error));
      return [error.status, error.code];
    }
    return assert.fail("it was not refused");
  };

  it("[V50] waits for the answer, over a restart of the server, and tells when the GM can see it", async () => {
    const kim = evening.person("kim");
    let told = 0;
    const waiting = knock(options(kim, { message: "it's me", onWaiting: () => told++ }));
    await eventually("it is there", async () => (await waits()).includes("kim: it's me"));
    assert.equal(await sendKnock(options(kim, { message: "please" })), "waiting");
    await server.kill();
    await server.start();
    assert.deepEqual(await waits(), ["kim: please"]);
    await answer("kim", "admit");
    assert.deepEqual([await waiting, told], [{ status: "admitted", reason: null }, 1]);
    assert.deepEqual(await knock(options(kim)), { status: "admitted", reason: null }, "it may join at once");
    await (await kim.join(evening.sessionId)).leave();
  });

  it("[V50] a denial comes with its reason, a ban and a void invite as a refusal, an abort as what it was", async () => {
    const kim = evening.person("kim");
    const first = knock(options(kim));
    await eventually("it is there", async () => (await waits()).length === 1);
    await answer("kim", "deny", { reason: "not tonight" });
    assert.deepEqual(await first, { status: "denied", reason: "not tonight" });
    assert.deepEqual(await knock(options(kim)), { status: "denied", reason: "not tonight" });
    const ana = await Person.of(server, "ana");
    assert.deepEqual(await refused(knock(options(ana))), [404, "not_found"]);
    const { token: invite, id } = await evening.invite({ maxUses: 5 });
    const stranger = knock(options(ana, { invite }));
    const gone = refused(stranger);
    await eventually("it is there", async () => (await waits()).length === 1);
    await evening.gm.get("DELETE", `${evening.path}/invites/${id}`);
    assert.deepEqual(await gone, [404, "not_found"]);
    const abort = new AbortController();
    await answer("kim", "admit");
    await evening.gm.get("POST", `${evening.path}/participants/kim/remove`, {});
    const again = knock(options(kim, { signal: abort.signal }));
    await eventually("it is there", async () => (await waits()).length === 1);
    abort.abort(new Error("enough"));
    await assert.rejects(again, /enough/);
    await evening.gm.get("POST", `${evening.path}/participants/kim/remove`, { ban: true });
    assert.deepEqual(await refused(sendKnock(options(kim))), [403, "banned"]);
  });

  it("[V50] is tried again after 429, and asks once for another token where one is refused", async () => {
    const lee = await evening.setMember("lee", "player");
    for (let n = 0; n < 8; n++) await sendKnock(options(lee));
    assert.deepEqual(await refused(sendKnock(options(lee))), [429, "rate_limited"]);
    const needs: string[] = [];
    const token = (need: string) => {
      needs.push(need);
      return need === "refused" ? lee.token : "stale";
    };
    const waiting = knock(options(lee, { token }));
    await answer("lee", "admit");
    assert.equal((await waiting).status, "admitted");
    assert.ok(needs.includes("refused"));
    assert.deepEqual(await refused(knock(options(lee, { token: "stale" }))), [401, "unauthenticated"]);
  });
});
