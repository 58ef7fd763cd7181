/**
 * How the table feels in a real browser with a session of 10,000 entries: joining, rows in the page, keystrokes, scrolling,
 * and a change by somebody else, for each number of entries. `npm run bench -- pages`; needs Chromium.
 */
import type { Page } from "playwright-core";
import { chromiumPath, launchChromium } from "../test/browser/chromium.ts";
import { Visitor } from "../test/browser/visitor.ts";
import { Evening } from "../test/support/evening.ts";
import { ServerProcess } from "../test/support/server.ts";

const SIZES = [100, 1_000, 10_000];
const PER_COMMAND = 500;
const KEYS = "shared/scene of the evening";
const CHANGES = 20;

/** Of the browser's own objects what is used in its page: this file is compiled without its types. */
interface Web {
  readonly document: { querySelectorAll(selector: string): { readonly length: number } };
  requestAnimationFrame(then: () => void): void;
}

const path = chromiumPath();
if (path === undefined) {
  console.error("there is no chromium on this machine");
  process.exit(1);
}
const server = await ServerProcess.start({ env: { RATE_COMMANDS: "0", RATE_WORK: "0" } });
const browser = await launchChromium(path);
try {
  console.log(
    "entries  to the table, ms  rows in the page  key p50, ms  key max, ms  scroll p50, ms  change seen p50, ms",
  );
  for (const size of SIZES) {
    const { joinMs, rows, keys, scrolls, changes } = await measure(size);
    const figures = [size, joinMs, rows, middle(keys), Math.max(...keys), middle(scrolls), middle(changes)];
    const widths = [7, 18, 18, 13, 13, 16, 21];
    console.log(figures.map((figure, i) => figure.toFixed(i < 3 ? 0 : 1).padStart(widths[i]!)).join(""));
  }
} finally {
  await browser.close();
  await server.dispose();
}

async function measure(size: number) {
  const evening = await Evening.prepare(server, { members: { pia: "player" } });
  const gm = await evening.gm.join(evening.sessionId);
  for (let at = 0; at < size; at += PER_COMMAND) {
    // One less: the entry that is changed below counts as well, and 10,000 is the most that there may be.
    const count = Math.min(PER_COMMAND, size - 1 - at);
    const value = Object.fromEntries(Array.from({ length: count }, (_, n) => [String(n), "a short text"]));
    await gm.command("set", { path: `shared/fill/${at}`, value });
  }
  const visitor = await Visitor.open(browser);
  const { page } = visitor;
  const before = performance.now();
  await page.goto(`${server.url}/play/${evening.sessionId}#token=${evening.person("pia").token}`);
  await visitor.stands("Connected", 30_000);
  const joinMs = performance.now() - before;
  const rows = await page.evaluate(() => (globalThis as unknown as Web).document.querySelectorAll(".tree-row").length);
  const keys = await keystrokes(visitor);
  const scrolls = await scrolling(page);
  const changes: number[] = [];
  const tree = page.getByRole("table", { name: "Entries" });
  await tree.evaluate((box) => (box as unknown as { scrollTo(x: number, y: number): void }).scrollTo(0, 0));
  for (let n = 0; n < CHANGES; n++) {
    const seen = visitor
      .row("shared/aaa")
      .filter({ hasText: `turn ${n};` })
      .waitFor();
    const changed = performance.now();
    await gm.command("set", { path: "shared/aaa", value: `turn ${n};` });
    await seen;
    changes.push(performance.now() - changed);
  }
  await visitor.close();
  await gm.leave();
  return { joinMs, rows, keys, scrolls, changes };
}

/** From each key to the next picture that the browser draws, in ms. */
async function keystrokes(visitor: Visitor): Promise<number[]> {
  await visitor.field("Path").click();
  const times: number[] = [];
  for (const key of KEYS) {
    const before = performance.now();
    await visitor.page.keyboard.type(key);
    await drawn(visitor.page);
    times.push(performance.now() - before);
  }
  return times;
}

/** From each step of the wheel to the next picture, in ms. */
async function scrolling(page: Page): Promise<number[]> {
  await page.getByRole("table", { name: "Entries" }).hover();
  const times: number[] = [];
  for (let n = 0; n < 30; n++) {
    const before = performance.now();
    await page.mouse.wheel(0, 400);
    await drawn(page);
    times.push(performance.now() - before);
  }
  return times;
}

async function drawn(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise<void>((resolve) => (globalThis as unknown as Web).requestAnimationFrame(() => resolve())),
  );
}

function middle(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}
