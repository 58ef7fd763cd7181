import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeFolder } from "../../src/files/make-folder.ts";
import { assertRefused } from "../support/refused-start.ts";
import { ServerProcess } from "../support/server.ts";
import { runTool } from "../support/tool.ts";

describe("a data folder that cannot be", function () {
  this.timeout(60_000);
  let folder: string;
  let impossible: Readonly<Record<string, string>>;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "impossible-"));
    writeFileSync(join(folder, "file"), "");
    symlinkSync(join(folder, "nowhere", "at-all"), join(folder, "dangling"));
    symlinkSync("round", join(folder, "round"));
    impossible = {
      "below /proc": "/proc/x",
      "far below /proc": "/proc/x/y/z",
      "below /sys": "/sys/x",
      "/proc itself": "/proc",
      "below a device": "/dev/null/x",
      "a device": "/dev/null",
      "below a file": join(folder, "file", "x"),
      "a file": join(folder, "file"),
      "a link to nowhere": join(folder, "dangling"),
      "a link to itself": join(folder, "round", "x"),
      "a name that is too long": join(folder, "x".repeat(300)),
    };
  });
  after(() => rmSync(folder, { recursive: true }));

  it("[X50] is a start error in a sentence, of the server and of a command", async () => {
    for (const [what, path] of Object.entries(impossible)) {
      const start = await ServerProcess.refusedStart({ env: { DATA_DIR: path, MONGODB_URI: "" } });
      assertRefused(start, /^DATA_DIR: (the data folder \/.* cannot be made: |\/.*cannot be (written|opened))/);
      assert.ok(start.said.includes(path), `${what}: ${start.said}`);
    }
    for (const path of Object.values(impossible)) {
      const token = await runTool("token", ["--user", "kim"], { cwd: folder, env: { DATA_DIR: path } });
      assert.equal(token.code, 1, path);
      assert.match(token.stderr, /^the secret of dev login cannot be kept in DATA_DIR: .*\n$/);
    }
  });

  it("[X50] a folder is made with those above it, and one that is there is left as it is", () => {
    const deep = join(folder, "a", "b", "c");
    makeFolder(deep);
    makeFolder(deep);
    assert.ok(existsSync(deep));
    for (const path of Object.values(impossible)) if (path !== "/proc") assert.throws(() => makeFolder(path), path);
  });
});

describe("an address that cannot be", () => {
  it("[T31] is a start error in a sentence that names the variables", async function () {
    this.timeout(30_000);
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as AddressInfo;
    try {
      for (const [env, why] of [
        [{ PORT: String(port) }, "EADDRINUSE"],
        [{ HOST: "999.1.1.1" }, "ENOTFOUND"],
        [{ HOST: "192.0.2.1" }, "EADDRNOTAVAIL"],
      ] as const) {
        const start = await ServerProcess.refusedStart({ env });
        assertRefused(start, new RegExp(`^HOST, PORT: nobody can listen there: .*${why}`));
      }
    } finally {
      taken.close();
    }
  });
});
