import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import type { BrowserContext, Page } from "playwright-core";
import { digestOf } from "../support/digest.ts";
import { Evening } from "../support/evening.ts";
import { eventually, pause } from "../support/eventually.ts";
import { ServerProcess } from "../support/server.ts";
import { needsChromium, openChromium } from "./chromium.ts";
import type {} from "./page/table.ts";

/** A page of another origin than the server's, served by the test itself so that it can be reloaded while offline. */
const ORIGIN = "http://127.0.0.1:47001";

/** Half a minute with `npm run test:long`. */
const OFFLINE_MS = Number(process.env.OFFLINE_SECONDS ?? 0.5) * 1_000;

describe("js client in a real browser", function () {
  this.timeout(60_000 + OFFLINE_MS);
  let server: ServerProcess;
  let context: BrowserContext;
  let close: (() => Promise<void>) | undefined;
  let script: string;

  before(async function () {
    const path = needsChromium(this);
    const bundle = await build({
      entryPoints: [fileURLToPath(new URL("page/table.ts", import.meta.url))],
      bundle: true,
      write: false,
      format: "esm",
      platform: "browser",
      logLevel: "silent",
    });
    script = bundle.outputFiles[0]?.text ?? "";
    server = await ServerProcess.start({ env: { CORS_ORIGINS: ORIGIN } });
    ({ context, close } = await openChromium(path));
  });
  after(async () => {
    await close?.();
    await server?.dispose();
  });

  /** @param headers of the page, such as a policy that takes its storage away */
  async function open(evening: Evening, userId: string, headers: Record<string, string> = {}): Promise<Page> {
    const page = await context.newPage();
    await page.route(`${ORIGIN}/**`, (route) => {
      const isScript = route.request().url().endsWith(".js");
      return route.fulfill(
        isScript
          ? { contentType: "text/javascript", headers: { "access-control-allow-origin": "*" }, body: script }
          : {
              contentType: "text/html",
              headers,
              body: '<!doctype html><script type="module" src="/table.js"></script>',
            },
      );
    });
    const { token } = evening.person(userId);
    const config = { endpoint: evening.server.url, sessionId: evening.sessionId, token };
    await page.goto(`${ORIGIN}/#${encodeURIComponent(JSON.stringify(config))}`);
    await page.waitForFunction(() => globalThis.table !== undefined);
    return page;
  }

  const append = (page: Page, from: number, to: number) =>
    page.evaluate(
      ([first, last]) => {
        for (let n = first; n <= last; n++) void globalThis.table.append("shared/list", [n]);
      },
      [from, to] as const,
    );

  it("[B19] goes offline, keeps taking commands, is reloaded, comes back: all applied once, in order, digest equal", async () => {
    const evening = await Evening.prepare(server, { gm: "gm1", members: { kim: "player", ana: "spectator" } });
    const ana = await evening.person("ana").join(evening.sessionId);
    const page = await open(evening, "kim");
    await page.evaluate(() => globalThis.table.ready);
    await append(page, 1, 3);
    await page.evaluate(() => globalThis.table.settled());
    assert.deepEqual(ana.value("shared/list"), [1, 2, 3]);

    await context.setOffline(true);
    await page.waitForFunction(() => globalThis.table.connection === "lost");
    await append(page, 4, 8);
    assert.deepEqual(await page.evaluate(() => globalThis.table.view().get("shared/list")), [1, 2, 3, 4, 5, 6, 7, 8]);
    await page.reload();
    await page.waitForFunction(() => globalThis.table !== undefined);
    await append(page, 9, 12);
    await pause(OFFLINE_MS);
    assert.notEqual(await page.evaluate(() => globalThis.table.connection), "open");
    assert.deepEqual(ana.value("shared/list"), [1, 2, 3], "nothing came through");

    await context.setOffline(false);
    await page.waitForFunction(() => globalThis.table.connection === "open", undefined, { timeout: 3000 });
    await page.evaluate(() => globalThis.table.settled());
    const all = Array.from({ length: 12 }, (_, at) => at + 1);
    assert.deepEqual(await page.evaluate(() => globalThis.table.get("shared/list")), all);
    await eventually("ana sees them", () => JSON.stringify(ana.value("shared/list")) === JSON.stringify(all));
    assert.equal(ana.state.seq, 12);

    await page.waitForFunction(() => globalThis.table.state.digestSeq === globalThis.table.state.seq);
    const copy = await page.evaluate(() => ({
      digest: globalThis.table.state.digest,
      entries: [...globalThis.table.state.entries].map(([path, { version, value }]) => ({ path, version, value })),
      diverged: globalThis.diverged,
      left: Object.keys(localStorage as unknown as Record<string, string>),
    }));
    assert.equal(copy.digest, digestOf(copy.entries));
    assert.equal(ana.digest(), copy.digest);
    assert.deepEqual(copy.diverged, []);
    assert.deepEqual(copy.left, [], "the outbox is empty");
    await page.close();
    await ana.leave();
  });

  it("[B19] the server killed and started again under an open page: back by itself within 3 s of its return", async () => {
    const evening = await Evening.prepare(server, { gm: "gm2", members: { kim: "player" } });
    const page = await open(evening, "kim");
    await page.evaluate(() => globalThis.table.ready);
    await append(page, 1, 20);
    await server.kill();
    await page.waitForFunction(() => globalThis.table.connection === "lost");
    await append(page, 21, 25);
    await pause(4000);
    await server.start();
    await page.waitForFunction(() => globalThis.table.connection === "open", undefined, { timeout: 3000 });
    await page.evaluate(() => globalThis.table.settled());
    assert.deepEqual(
      await page.evaluate(() => globalThis.table.get("shared/list")),
      Array.from({ length: 25 }, (_, at) => at + 1),
    );
    await page.close();
  });

  it("[B22] in a page that may keep nothing it plays all the same, and says so", async () => {
    const lenient = await ServerProcess.start({ env: { CORS_ORIGINS: "*" } });
    try {
      const evening = await Evening.prepare(lenient, { members: { kim: "player" } });
      // Without `allow-same-origin` the page's origin is its own alone: localStorage, sessionStorage and locks all throw.
      const page = await open(evening, "kim", { "content-security-policy": "sandbox allow-scripts" });
      await page.evaluate(() => globalThis.table.ready);
      const blocked = await page.evaluate(() => {
        try {
          return Object.keys(localStorage as object).length;
        } catch (error) {
          return (error as Error).name;
        }
      });
      assert.equal(blocked, "SecurityError");
      await append(page, 1, 3);
      await page.evaluate(() => globalThis.table.settled());
      assert.deepEqual(await page.evaluate(() => globalThis.table.get("shared/list")), [1, 2, 3]);
      assert.deepEqual(await page.evaluate(() => globalThis.troubles), [
        "the browser keeps nothing for this page: commands wait in memory, and a reload loses them",
      ]);
      await page.close();
    } finally {
      await lenient.dispose();
    }
  });

  it("[B19] a first state of 10,000 entries is taken whole, and its digest checked piece by piece", async () => {
    const evening = await Evening.prepare(server, { gm: "gm3", members: { kim: "player" } });
    const gm = await evening.gm.join(evening.sessionId);
    for (let part = 0; part < 40; part++) {
      const value = Object.fromEntries(
        Array.from({ length: 250 }, (_, at) => [`e${at}`, `${part} ${at} ${"x".repeat(200)}`]),
      );
      await gm.command("set", { path: `shared/big/${part}`, value });
    }
    await gm.leave();
    const page = await open(evening, "kim");
    await page.evaluate(() => globalThis.table.ready);
    await page.waitForFunction(() => globalThis.table.state.digestSeq === globalThis.table.state.seq);
    await pause(1500);
    const seen = await page.evaluate(() => ({
      entries: globalThis.table.state.entries.size,
      diverged: globalThis.diverged,
      freezeMs: globalThis.longestFreezeMs,
    }));
    assert.equal(seen.entries, 10_000);
    assert.deepEqual(seen.diverged, []);
    console.log(`      the page stood still for ${Math.round(seen.freezeMs)} ms at the longest`);
    await page.close();
  });
});
