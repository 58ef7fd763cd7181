import assert from "node:assert/strict";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Evening } from "../support/evening.ts";
import { eventually } from "../support/eventually.ts";
import { FullPipe, FullSocket, Terminal } from "../support/log-readers.ts";
import { ServerProcess } from "../support/server.ts";
import { SmallDisk } from "../support/small-disk.ts";

const GRACE = { SHUTDOWN_GRACE_SECONDS: "2" };

/** Somebody plays, and everything answers. */
async function playOn(server: ServerProcess, gm: string): Promise<void> {
  const evening = await Evening.prepare(server, { gm });
  const seat = await evening.gm.join(evening.sessionId);
  for (let n = 0; n < 20; n++) await seat.command("set", { path: "shared/door", value: n });
  assert.equal(seat.value("shared/door"), 19);
  await seat.leave();
  assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
}

describe("a log that cannot be written", function () {
  this.timeout(60_000);
  let server: ServerProcess | undefined;
  const after: (() => void)[] = [];
  afterEach(async () => {
    await server?.dispose();
    server = undefined;
    for (const done of after.splice(0)) done();
  });

  it("[O20] on a full disk costs lines and nothing else; with room again they come", async function () {
    const disk = SmallDisk.mount(1);
    if (typeof disk === "string") {
      if (process.env.CI === "true") throw new Error(disk);
      console.log(`      skipped: ${disk}`);
      return this.skip();
    }
    after.push(() => disk.dispose());
    const path = join(disk.path, "log");
    const file = openSync(path, "a");
    after.unshift(() => closeSync(file));
    disk.fill();
    server = await ServerProcess.start({ stdout: file, env: { ...GRACE, LOG_LEVEL: "trace" } });
    await playOn(server, "ann");
    disk.free();
    await eventually("the log", () => readFileSync(path, "utf8").includes('"listening'), 10_000);
    await playOn(server, "bob");
    await eventually(
      "bob's leaving",
      () => /"user":"bob"[^\n]*"participant.left"/.test(readFileSync(path, "utf8")),
      10_000,
    );
    for (const line of readFileSync(path, "utf8").trim().split("\n")) JSON.parse(line);
    disk.fill();
    await playOn(server, "cid");
    assert.equal(await server.stop(), 0);
  });

  it("[O20] of a reader that is gone costs lines and nothing else", async () => {
    server = await ServerProcess.start({ env: { ...GRACE, LOG_LEVEL: "trace" } });
    server.hangUp();
    await playOn(server, "ann");
    assert.equal(await server.stop(), 0);
  });

  it("[O20] into a pipe that nobody reads costs lines and nothing else", async () => {
    const pipe = new FullPipe();
    after.push(() => pipe.dispose());
    server = await ServerProcess.start({ stdout: pipe.fd, env: { ...GRACE, LOG_LEVEL: "trace" } });
    await playOn(server, "ann");
    assert.equal(await server.stop(), 0);
  });

  it("[O20] into a pipe that gets full while people play costs lines and nothing else", async () => {
    server = await ServerProcess.start({ stdout: "unread pipe", env: { ...GRACE, LOG_LEVEL: "debug" } });
    for (let n = 0; n < 100; n++) {
      await Promise.all(Array.from({ length: 50 }, () => fetch(`${server!.url}/healthz`).then((a) => a.text())));
    }
    await playOn(server, "ann");
    assert.equal(await server.stop(), 0);
  });

  it("[O20] into a socket that nobody reads, as a journal's, costs lines and nothing else", async () => {
    const full = await FullSocket.open();
    after.push(() => full.dispose());
    server = await ServerProcess.start({ stdout: full.socket, env: { ...GRACE, LOG_LEVEL: "trace" } });
    await playOn(server, "ann");
    assert.equal(await server.stop(), 0);
  });

  it("[O20] an exception that nobody caught is no end either, while the log is away", async () => {
    const folder = mkdtempSync(join(tmpdir(), "throwing-"));
    const pipe = new FullPipe();
    after.push(
      () => pipe.dispose(),
      () => rmSync(folder, { recursive: true }),
    );
    const path = join(folder, "throwing.mjs");
    writeFileSync(
      path,
      `setInterval(() => { throw new Error("caught by nobody"); }, 20);
       setInterval(() => void Promise.reject(new Error("awaited by nobody")), 20);
       export const actions = [];`,
    );
    server = await ServerProcess.start({ stdout: pipe.fd, env: { ...GRACE, ACTIONS_MODULE: path } });
    await playOn(server, "ann");
    assert.equal(await server.stop(), 0);
  });

  it("[O20] on a terminal that was closed costs lines and nothing else", async () => {
    const terminal = new Terminal({ disowned: true });
    after.push(() => terminal.dispose());
    server = await ServerProcess.start({ through: terminal.through, env: { ...GRACE, LOG_LEVEL: "trace" } });
    const pid = await terminal.pid();
    try {
      // `script` ends, and the terminal with it.
      await server.kill();
      await playOn(server, "ann");
      process.kill(pid, "SIGTERM");
      await eventually("its end", () => isGone(pid), 10_000);
    } finally {
      if (!isGone(pid)) process.kill(pid, "SIGKILL");
    }
  });

  it("[O20] on a terminal that is stopped (Ctrl-S) costs lines and nothing else", async () => {
    const terminal = new Terminal();
    const pipe = new FullPipe();
    after.push(
      () => terminal.dispose(),
      () => pipe.dispose(),
    );
    const options = { through: terminal.through, stdout: pipe.fd, env: { ...GRACE, LOG_LEVEL: "trace" } };
    server = await ServerProcess.start(options);
    const pid = await terminal.pid();
    try {
      for (const gm of ["ann", "bob", "cid"]) await playOn(server, gm);
      process.kill(pid, "SIGTERM");
      await eventually("its end", () => isGone(pid), 10_000);
    } finally {
      if (!isGone(pid)) process.kill(pid, "SIGKILL");
    }
  });
});

function isGone(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // One whose parent has not asked yet how it ended is gone too.
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.startsWith("Z");
  } catch {
    return true;
  }
}
