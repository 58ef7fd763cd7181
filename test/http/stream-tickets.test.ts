import assert from "node:assert/strict";
import { StreamTickets } from "../../src/http/stream/tickets.ts";
import { systemChance } from "../../src/ops/time.ts";
import { Evening, TestClock } from "./evening.ts";
import { Reading } from "./reading.ts";

describe("tickets for streams", () => {
  let evening: Evening;
  let sessionId: string;
  let other: string;
  const readings: Reading[] = [];

  beforeEach(async () => {
    evening = await Evening.begin();
    const campaignId = await evening.campaign({ ann: "player" });
    sessionId = await evening.session(campaignId);
    other = await evening.session(campaignId);
  });

  afterEach(() => {
    for (const reading of readings.splice(0)) reading.close();
    evening.end();
  });

  async function use(ticket: string, on = sessionId): Promise<number> {
    const reading = await Reading.open(evening, on, { ticket });
    readings.push(reading);
    return reading.status;
  }

  const issue = async (userId = "ann"): Promise<{ ticket: string; expiresAt: string }> =>
    await evening.get(userId, "POST", `/api/sessions/${sessionId}/stream/tickets`);

  it("[H41] opens a stream once, as its maker", async () => {
    await evening.join(sessionId, "gm");
    await evening.command(sessionId, "gm", "set", { path: "private/ann/x", value: "hers" });
    await evening.command(sessionId, "gm", "set", { path: "gm/x", value: "canary" });
    const { ticket, expiresAt } = await issue();
    assert.equal(Date.parse(expiresAt) - evening.clock.now(), 30_000);
    assert.match(ticket, /^[A-Za-z0-9_-]{22,}$/);
    assert.equal(await use(ticket), 200);
    const [ann] = readings;
    await ann!.until("a snapshot", () => ann!.events.length > 0);
    assert.deepEqual([...ann!.entries().keys()], ["private/ann/x"]);
    assert.equal(await use(ticket), 401);
  });

  it("[H41] is 401 where it is unknown, past, of another session, twice in the query or empty, with a good token beside it too", async () => {
    assert.equal(await use("nothing"), 401);
    assert.equal(await use(""), 401);
    const { ticket } = await issue();
    assert.equal(await use(`${ticket}&ticket=${ticket}`), 401);
    assert.equal(await use(ticket, other), 401);
    assert.equal(await use(ticket), 401, "it was used up on the other session");
    const late = await issue();
    evening.clock.pass(30_000);
    assert.equal(await use(late.ticket), 401);
    const beside = await evening.ask("ann", "GET", `/api/sessions/${sessionId}/stream?ticket=nothing`);
    assert.deepEqual([beside.status, beside.body.code], [401, "unauthenticated"]);
    const good = await issue();
    evening.clock.pass(29_999);
    assert.equal(await use(good.ticket), 200);
  });

  it("[H41] opens nothing else, and by then its maker must still have the right", async () => {
    const { ticket } = await issue();
    assert.equal((await evening.ask(null, "GET", `/api/sessions/${sessionId}?ticket=${ticket}`)).status, 401);
    assert.equal((await evening.ask(null, "GET", `/api/sessions/${sessionId}/state?ticket=${ticket}`)).status, 401);
    await evening.get("gm", "POST", `/api/sessions/${sessionId}/participants/ann/remove`, { ban: true });
    assert.equal(await use(ticket), 403);
  });

  it("[H41] ends with its maker's token, and so does the stream that it opened", async () => {
    const token = await evening.tokenFor("ann", { expiresAt: evening.clock.now() + 10_000 });
    const headers = { authorization: `Bearer ${token}` };
    const ask = () => evening.ask(null, "POST", `/api/sessions/${sessionId}/stream/tickets`, { headers });
    const [used, unused] = [(await ask()).body, (await ask()).body];
    assert.equal(Date.parse(unused.expiresAt) - evening.clock.now(), 10_000);
    assert.equal(await use(used.ticket), 200);
    const [ann] = readings;
    await ann!.until("a snapshot", () => ann!.events.length > 0);
    evening.clock.pass(10_000);
    await ann!.ended();
    assert.deepEqual(ann!.all("end"), [{ reason: "token_expired" }]);
    assert.equal(await use(unused.ticket), 401);
  });

  it("[H30] is in no line of the log, used or not", async () => {
    const { ticket } = await issue();
    assert.equal(await use(ticket), 200);
    assert.equal(await use(ticket), 401);
    for (const reading of readings) reading.close();
    while (!evening.logLines.some((line) => line.includes("/stream") && line.includes("cut"))) {
      await new Promise(setImmediate);
    }
    assert.ok(!evening.logLines.join("").includes(ticket));
  });

  it("[H41] keeps no more than a person may have unused, and none that is past", () => {
    const clock = new TestClock();
    const tickets = new StreamTickets(clock, systemChance);
    const claims = { userId: "ann", name: null, roles: [], expiresAt: clock.now() + 3_600_000 };
    const all = Array.from({ length: 80 }, () => tickets.issue("s", claims).ticket);
    const bens = tickets.issue("s", { ...claims, userId: "ben" }).ticket;
    assert.equal(tickets.size, 65);
    assert.equal(tickets.redeem(all[15]!, "s"), undefined);
    assert.equal(tickets.redeem(all[16]!, "s"), claims);
    assert.equal(tickets.redeem(bens, "s")?.userId, "ben");
    clock.pass(30_000);
    const late = tickets.issue("s", claims).ticket;
    assert.equal(tickets.size, 1);
    assert.equal(tickets.redeem(late, "s"), claims);
    assert.equal(tickets.size, 0);
  });

  it("[X30] lasts its 30 s however the clock jumps, and no longer than its maker's token, which ends at a date", () => {
    const clock = new TestClock();
    const tickets = new StreamTickets(clock, systemChance);
    const claims = { userId: "ann", name: null, roles: [], expiresAt: clock.now() + 7_200_000 };
    for (const hours of [1, -5]) {
      const [early, late] = [tickets.issue("s", claims).ticket, tickets.issue("s", claims).ticket];
      clock.jump(hours * 3_600_000);
      clock.pass(29_999);
      assert.equal(tickets.redeem(early, "s"), claims);
      clock.pass(1);
      assert.equal(tickets.redeem(late, "s"), undefined);
    }
    const { ticket } = tickets.issue("s", claims);
    clock.jump(24 * 3_600_000);
    assert.equal(tickets.redeem(ticket, "s"), undefined);
  });
});
