import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { Evening } from "./evening.ts";
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

  const opens = async (ticket: string): Promise<Reading> => {
    assert.equal(await use(ticket), 200);
    const reading = readings.at(-1)!;
    await reading.until("a snapshot", () => reading.events.length > 0);
    return reading;
  };
  /** Ends a stream from its reader's side, and waits until the server knows. */
  const cut = async (reading: Reading): Promise<void> => {
    const before = evening.logLines.filter((line) => line.includes('"cut":true')).length;
    reading.close();
    await eventually(
      "it is over",
      () => evening.logLines.filter((line) => line.includes('"cut":true')).length > before,
    );
    await new Promise(setImmediate);
  };

  it("[H41] opens a stream as its maker", async () => {
    await evening.join(sessionId, "gm");
    await evening.command(sessionId, "gm", "set", { path: "private/ann/x", value: "hers" });
    await evening.command(sessionId, "gm", "set", { path: "gm/x", value: "canary" });
    const { ticket, expiresAt } = await issue();
    assert.equal(Date.parse(expiresAt) - evening.clock.now(), 30_000);
    assert.match(ticket, /^[A-Za-z0-9_-]{22,}$/);
    const ann = await opens(ticket);
    assert.deepEqual([...ann.entries().keys()], ["private/ann/x"]);
  });

  it("[H60] is 401 where it is unknown, past, of another session, twice in the query or empty, with a good token beside it too", async () => {
    assert.equal(await use("nothing"), 401);
    assert.equal(await use(""), 401);
    const { ticket } = await issue();
    assert.equal(await use(`${ticket}&ticket=${ticket}`), 401);
    assert.equal(await use(ticket, other), 401);
    assert.equal(await use(ticket), 200, "the other session used nothing up");
    const late = await issue();
    evening.clock.pass(30_000);
    assert.equal(await use(late.ticket), 401);
    const beside = await evening.ask("ann", "GET", `/api/sessions/${sessionId}/stream?ticket=nothing`);
    assert.deepEqual([beside.status, beside.body.code], [401, "unauthenticated"]);
    const good = await issue();
    evening.clock.pass(29_999);
    assert.equal(await use(good.ticket), 200);
  });

  it("[H60] is good again while its stream is open, which ends then, and within 60 s after it ended", async () => {
    const { ticket } = await issue();
    const first = await opens(ticket);
    evening.clock.pass(600_000);
    const second = await opens(ticket);
    await first.ended();
    assert.deepEqual(first.all("end"), [], "without a word: it is not over for good");
    assert.equal(second.over, false);
    await cut(second);
    evening.clock.pass(59_999);
    const third = await opens(ticket);
    await cut(third);
    evening.clock.pass(60_000);
    assert.equal(await use(ticket), 401);
  });

  it("[H60] HEAD says whether it is good, and uses nothing up", async () => {
    const { ticket } = await issue();
    const head = async () =>
      (await evening.ask(null, "HEAD", `/api/sessions/${sessionId}/stream?ticket=${ticket}`)).status;
    for (let i = 0; i < 3; i++) assert.equal(await head(), 200);
    evening.clock.pass(30_000);
    assert.equal(await head(), 401);
    assert.equal(await use(ticket), 401, "no use, no return");
  });

  it("[H60] a stream that is refused is no use of it: it is good no longer than before", async () => {
    const { ticket } = await issue();
    const ban = { ban: true };
    await evening.get("gm", "POST", `/api/sessions/${sessionId}/participants/ann/remove`, ban);
    assert.equal(await use(ticket), 403);
    await evening.get("gm", "DELETE", `/api/sessions/${sessionId}/bans/ann`);
    evening.clock.pass(30_000);
    assert.equal(await use(ticket), 401);
  });

  it("[H41] opens nothing else, and by then its maker must still have the right", async () => {
    const { ticket } = await issue();
    assert.equal((await evening.ask(null, "GET", `/api/sessions/${sessionId}?ticket=${ticket}`)).status, 401);
    assert.equal((await evening.ask(null, "GET", `/api/sessions/${sessionId}/state?ticket=${ticket}`)).status, 401);
    const ann = await opens(ticket);
    await evening.get("gm", "POST", `/api/sessions/${sessionId}/participants/ann/remove`, { ban: true });
    await ann.ended();
    assert.equal(await use(ticket), 403);
  });

  it("[H41] ends with its maker's token, and so does the stream that it opened", async () => {
    const token = await evening.tokenFor("ann", { expiresAt: evening.clock.now() + 10_000 });
    const headers = { authorization: `Bearer ${token}` };
    const { ticket, expiresAt } = (
      await evening.ask(null, "POST", `/api/sessions/${sessionId}/stream/tickets`, { headers })
    ).body;
    assert.equal(Date.parse(expiresAt) - evening.clock.now(), 10_000);
    const ann = await opens(ticket);
    evening.clock.pass(10_000);
    await ann.ended();
    assert.deepEqual(ann.all("end"), [{ reason: "token_expired" }]);
    assert.equal(await use(ticket), 401, "within the 60 s, and beyond the token");
  });

  it("[H60] where the store is away it is 503, and a stream that is open goes on", async () => {
    const { ticket } = await issue();
    const ann = await opens(ticket);
    evening.stores.goDown();
    assert.equal(await use(ticket), 503);
    assert.equal(ann.over, false);
    evening.stores.recover();
    await opens(ticket);
  });

  it("[H30] is in no line of the log, used or not", async () => {
    const { ticket } = await issue();
    await cut(await opens(ticket));
    assert.equal(await use("nothing"), 401);
    assert.ok(!evening.logLines.join("").includes(ticket));
  });
});
