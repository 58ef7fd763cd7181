import assert from "node:assert/strict";
import { Evening } from "./evening.ts";

const EVENTS = 1_980;

describe("the check of an audit chain", () => {
  let evening: Evening;
  let sessionId: string;
  before(async function () {
    this.timeout(60_000);
    evening = await Evening.begin();
    sessionId = await evening.session(await evening.campaign());
    const session = await evening.hosting.open(sessionId);
    const gm = { userId: "gm", name: "gm", role: "gm", via: "member" } as const;
    await Promise.all(Array.from({ length: EVENTS - 1 }, (_, i) => session.update({ title: `${i}` }, gm)));
  });
  after(() => evening.end());

  it("[H77] is shared by all who ask for it at once, in small pages", async () => {
    const { events } = evening.stores.log;
    const pages: number[] = [];
    evening.stores.log.events = async (id, after, limit) => {
      pages.push(limit);
      return await events(id, after, limit);
    };
    const ask = () => evening.ask("gm", "GET", `/api/sessions/${sessionId}/events/verify`);
    const answers = await Promise.all(Array.from({ length: 40 }, ask));
    for (const { status, body } of answers) {
      assert.deepEqual([status, body.valid, body.count, body.firstBrokenAt], [200, true, EVENTS, null]);
    }
    assert.ok(
      pages.every((limit) => limit === 100),
      `${pages}`,
    );
    assert.ok(pages.length <= 4 * (EVENTS / 100 + 1), `${pages.length} pages for 40 who asked`);
  });

  it("[H77] of 40 at once, in several sessions, leaves every turn of the loop but a page to others", async () => {
    const other = await evening.session(await evening.campaign());
    await evening.join(other, "gm");
    const { events } = evening.stores.log;
    const copies = new Map(Array.from({ length: 40 }, (_, i) => [`copy ${i}`, sessionId]));
    // The chain of one session under many names: each is checked for itself.
    evening.stores.log.events = (id, after, limit) => events(copies.get(id) ?? id, after, limit);
    const { ChainChecks } = await import("../../src/http/chain-checks.ts");
    const checks = new ChainChecks(evening.stores.log);
    let underWay = copies.size;
    const checked = [...copies.keys()].map(async (id) => {
      assert.equal((await checks.check(id)).count, EVENTS);
      underWay -= 1;
    });
    let commands = 0;
    while (underWay > 0) {
      await evening.command(other, "gm", "increment", { path: "shared/n", by: 1 });
      commands += 1;
      await new Promise(setImmediate);
    }
    await Promise.all(checked);
    // A command takes a turn or two; the pages are 800.
    assert.ok(commands > 200, `${commands} commands meanwhile`);
  });
});
