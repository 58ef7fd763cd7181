import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { endsWithUs } from "../support/children.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { launchChromium, needsChromium } from "./chromium.ts";
import { Visitor } from "./visitor.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** README's one command on a machine that has nothing: `npm ci && npm start`, without what only developers need. */
describe("a fresh clone", function () {
  this.timeout(600_000);
  let clone: string;
  let chromium: string;
  /** the process groups of servers that run */
  const running = new Set<number>();
  before(async function () {
    chromium = needsChromium(this);
    clone = mkdtempSync(join(tmpdir(), "fresh-clone-"));
    const { stdout } = await run("git", ["ls-files"], { cwd: ROOT, maxBuffer: 1e8 });
    for (const file of stdout.trim().split("\n"))
      if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(clone, file));
  });
  after(() => {
    for (const group of running) process.kill(-group, "SIGKILL");
    if (clone === undefined) return;
    setWritable(true);
    rmSync(clone, { recursive: true, force: true });
  });

  /** The built pages' folders, and what they stand in. */
  function setWritable(isWritable: boolean): void {
    for (const folder of ["dist/web", "dist", "."]) {
      if (existsSync(join(clone, folder))) chmodSync(join(clone, folder), isWritable ? 0o755 : 0o555);
    }
  }

  async function start(data: string): Promise<{ url: string; said: () => string; stop: () => Promise<void> }> {
    const port = await freePort();
    let said = "";
    const child = spawn("npm", ["start"], {
      cwd: clone,
      env: { PATH: process.env.PATH ?? "", HOME: process.env.HOME ?? "", PORT: String(port), DATA_DIR: data },
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, as a terminal makes one: npm alone passes a signal on to its shell and not to the server.
      detached: true,
    });
    endsWithUs(child);
    running.add(child.pid!);
    child.stdout.setEncoding("utf8").on("data", (text: string) => (said += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
    const url = `http://127.0.0.1:${port}`;
    await eventually("it answers", async () => (await fetch(`${url}/readyz`)).ok, 60_000);
    const stop = async (): Promise<void> => {
      const ended = new Promise((resolve) => child.once("close", resolve));
      process.kill(-child.pid!, "SIGTERM");
      await ended;
      running.delete(child.pid!);
    };
    return { url, said: () => said, stop };
  }

  it("[PG1] without developers' packages: from `npm ci` to a table with a GM and a player", async () => {
    const began = performance.now();
    await run("npm", ["ci", "--omit=dev"], { cwd: clone, maxBuffer: 1e8 });
    const installed = performance.now();
    const server = await start(join(clone, "data"));
    const browser = await launchChromium(chromium);
    const [gwen, pia] = await Promise.all([Visitor.open(browser), Visitor.open(browser)]);
    await gwen.page.goto(server.url);
    await gwen.button(/^Enter as Gwen/).click();
    await gwen.page.getByRole("link", { name: /^Console/ }).click();
    await gwen.button("Start").click();
    await pia.page.goto(server.url);
    await pia.button(/^Enter as Pia/).click();
    await pia.page.getByRole("link", { name: /^Table/ }).click();
    await pia.button("d20").click();
    await gwen.page.getByRole("region", { name: "Dice" }).or(gwen.row("table/rolls")).first().waitFor();
    const seconds = (from: number, to: number) => Math.round((to - from) / 100) / 10;
    console.log(
      `      npm ci ${seconds(began, installed)} s, then to the table ${seconds(installed, performance.now())} s`,
    );
    assert.deepEqual([...gwen.unexpected(), ...pia.unexpected()], []);
    await browser.close();
    await server.stop();
  });

  it("[PG1] [PG2] built once, it starts from a folder that cannot be written, and writes nothing into it", async () => {
    const before = readdirSync(join(clone, "dist/web"));
    const data = mkdtempSync(join(tmpdir(), "fresh-data-"));
    setWritable(false);
    const server = await start(data);
    assert.equal((await fetch(server.url)).status, 200);
    await server.stop();
    assert.deepEqual(readdirSync(join(clone, "dist/web")), before);
    assert.doesNotMatch(server.said(), /building them/);
    rmSync(data, { recursive: true, force: true });
  });
});
