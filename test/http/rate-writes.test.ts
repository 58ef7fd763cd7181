import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { Evening } from "./evening.ts";
import { WithheldRequest } from "./withheld.ts";

describe("the rate of writes", () => {
  let evening: Evening;
  afterEach(() => evening.end());
  const told = async (userId: string | null, method: string, path: string, body?: unknown) => {
    const { status, body: answer } = await evening.ask(userId, method, path, body === undefined ? {} : { body });
    return answer?.code === undefined ? `${status}` : `${status} ${answer.code}`;
  };
  const create = (userId: string) => told(userId, "POST", "/api/campaigns", { name: "Mine" });

  it("[H74] is forty at once and ten a second per user by default; a refusal says when", async () => {
    evening = await Evening.begin({ RATE_WRITES: "" });
    for (let i = 0; i < 40; i++) assert.equal(await create("kim"), "201");
    const refused = await evening.ask("kim", "POST", "/api/campaigns", { body: { name: "Mine" } });
    assert.deepEqual(
      [refused.status, refused.body.code, refused.headers.get("retry-after")],
      [429, "rate_limited", "1"],
    );
    assert.equal(await create("bo"), "201", "another user");
    assert.equal(await told("kim", "GET", "/api/campaigns"), "200", "reading is no write");
    for (let second = 0; second < 3; second++) {
      evening.clock.pass(1_000);
      for (let i = 0; i < 10; i++) assert.equal(await create("kim"), "201");
      assert.equal(await create("kim"), "429 rate_limited");
    }
  });

  it("[H74] counts what is refused, of every method and path", async () => {
    evening = await Evening.begin({ RATE_WRITES: "1" });
    const refusals: readonly (readonly [string, string, string, unknown?])[] = [
      ["POST", "/api/sessions/none/start", "404 not_found"],
      ["PUT", "/api/campaigns", "405 method_not_allowed"],
      ["PATCH", "/api/nothing", "404 not_found"],
      ["POST", "/api/campaigns", "400 bad_request", { nam: "x" }],
    ];
    for (const [method, path, expected, body] of refusals)
      assert.equal(await told("kim", method, path, body), expected);
    assert.equal(await create("kim"), "429 rate_limited");
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      assert.equal(await told("kim", method, "/api/sessions/none/state"), "405 method_not_allowed", "the method first");
      assert.equal(await told("kim", method, "/api/nothing"), "429 rate_limited", "before existence");
    }
    assert.equal(await told(null, "POST", "/api/campaigns", { name: "x" }), "401 unauthenticated", "the token first");
  });

  it("[H124] what is copied by continuing a session is limited by its size, per user; one without entries is not", async () => {
    evening = await Evening.begin({ RATE_WRITES: "10" });
    const campaignId = await evening.campaign({ gail: "gm" });
    const [full, empty] = [await evening.session(campaignId), await evening.session(campaignId)];
    await evening.join(full, "gm");
    for (let n = 0; n < 16; n++) {
      const part = Object.fromEntries(Array.from({ length: 15 }, (_, i) => [`${n}-${i}`, "x".repeat(16_000)]));
      await evening.command(full, "gm", "set", { path: `shared/${n}`, value: part });
    }
    const path = `/api/campaigns/${campaignId}/sessions`;
    const carryOn = (userId: string, continueFrom: string) => told(userId, "POST", path, { title: "On", continueFrom });
    for (let n = 0; n < 6; n++) assert.equal(await carryOn("gm", full), "201", `copy ${n}`);
    const refused = await evening.ask("gm", "POST", path, { body: { title: "On", continueFrom: full } });
    assert.deepEqual([refused.status, refused.body.code], [429, "rate_limited"]);
    const seconds = Number(refused.headers.get("retry-after"));
    assert.ok(seconds > 20 && seconds <= 48, `${seconds} s`);
    assert.equal(await carryOn("gm", empty), "201");
    assert.equal(await told("gm", "POST", path, { title: "New" }), "201");
    assert.equal(await carryOn("gail", full), "201", "another user");
    evening.clock.pass(seconds * 1_000);
    assert.equal(await carryOn("gm", full), "201");
    assert.equal(await carryOn("gm", full), "429 rate_limited");
  });

  it("[H74] refuses before it reads the body", async () => {
    evening = await Evening.begin({ RATE_WRITES: "1" });
    for (let i = 0; i < 4; i++) assert.equal(await create("kim"), "201");
    const token = await evening.tokenFor("kim");
    const request = await WithheldRequest.begin(evening, {
      method: "POST",
      path: "/api/campaigns",
      body: { name: "x" },
      token,
    });
    await eventually("an answer, though the last byte is not there", () => request.isAnswered);
  });

  it("[H74] is none with 0", async () => {
    evening = await Evening.begin({ RATE_WRITES: "0" });
    const answers = await Promise.all(Array.from({ length: 60 }, () => create("kim")));
    assert.ok(answers.every((answer) => answer === "201"));
  });

  it("[H31] of guests, nothing is read for who is over the limit", async () => {
    evening = await Evening.begin();
    let reads = 0;
    const { findByInvite } = evening.stores.sessions;
    evening.stores.sessions.findByInvite = async (hash) => {
      reads += 1;
      return await findByInvite(hash);
    };
    const ask = () => told(null, "POST", "/api/invites/nothing/guest", { name: "Ann" });
    const answers = await Promise.all(Array.from({ length: 60 }, ask));
    assert.equal(answers.filter((answer) => answer === "404 not_found").length, 20);
    assert.equal(answers.filter((answer) => answer === "429 rate_limited").length, 40);
    assert.equal(reads, 20);
  });
});
