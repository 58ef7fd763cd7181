import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { Reading } from "../http/reading.ts";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { TcpProxy } from "../support/proxy.ts";
import { BrowserSite } from "./browser-site.ts";

/** What a page with an `EventSource` saw: `gaveUp` is the browser's own decision not to come again. */
interface Seen {
  snapshots: number;
  seq: number;
  gaveUp: boolean;
}

/** As much of the web's `EventSource` as is used here; the compiler knows no web. */
interface Source {
  readonly readyState: number;
  onerror: () => void;
  addEventListener(name: string, told: (event: { readonly data: string }) => void): void;
}

/** Opens an `EventSource` in the page, and keeps what it saw in `window.seen`. */
async function openSource(page: Page, address: string): Promise<() => Promise<Seen>> {
  await page.evaluate((url) => {
    const seen = { snapshots: 0, seq: -1, gaveUp: false };
    const web = globalThis as unknown as { EventSource: { readonly CLOSED: number; new (url: string): Source } };
    const source = new web.EventSource(url);
    source.addEventListener("snapshot", ({ data }) => {
      seen.snapshots += 1;
      seen.seq = JSON.parse(data).seq;
    });
    source.addEventListener("patch", ({ data }) => (seen.seq = JSON.parse(data).seq));
    source.onerror = () => (seen.gaveUp ||= source.readyState === web.EventSource.CLOSED);
    Object.assign(globalThis, { seen });
  }, address);
  return async () => await page.evaluate(() => (globalThis as unknown as { seen: Seen }).seen);
}

describe("a browser's EventSource", function () {
  this.timeout(60_000);
  let site: BrowserSite;

  before(async function () {
    site = await BrowserSite.open(this);
  });
  afterEach(() => site.closeVisitors());
  after(() => site?.close());

  it("[H60] comes back by its ticket after a cut line and after SIGKILL, and by no other's", async () => {
    const { server } = site;
    const evening = await Evening.prepare(server, { members: { ana: "player" } });
    const path = `/api/sessions/${evening.sessionId}/stream`;
    const ana = evening.person("ana");
    const issue = async () => (await ana.get<{ ticket: string }>("POST", `${path}/tickets`)).ticket;
    const [ticket, unused] = [await issue(), await issue()];
    const line = await TcpProxy.to(server.port);
    try {
      const { page } = await site.visitor();
      await page.goto(`${line.url}/docs`);
      const seen = await openSource(page, `${path}?ticket=${ticket}`);
      const snapshots = (count: number) =>
        eventually(`snapshot ${count}`, async () => (await seen()).snapshots >= count, 20_000);
      await snapshots(1);
      line.cut();
      await snapshots(2);
      await server.kill();
      await server.start();
      await snapshots(3);
      const gm = await evening.gm.join(evening.sessionId);
      const { seq } = await gm.command("set", { path: "shared/a", value: 1 });
      await eventually("the command", async () => (await seen()).seq === seq);
      await gm.leave();
      assert.equal((await seen()).gaveUp, false);
      const first = await Reading.open(server, evening.sessionId, { ticket: unused });
      assert.equal(first.status, 200, "one that was not used before the kill is as good as it was");
      first.close();
      const forged = await openSource(page, `${path}?ticket=${"x".repeat(43)}`);
      await eventually("the end of it", async () => (await forged()).gaveUp);
    } finally {
      await line.close();
    }
  });
});
